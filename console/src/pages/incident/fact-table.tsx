import type { FactRow } from '../../format/facts.ts'

/** What was observed beside what is expected, thing by thing. */
export function FactTable({ rows }: { readonly rows: readonly FactRow[] }) {
  if (rows.length === 0) return null
  return (
    <table className="fact-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">What</span>
          </th>
          <th scope="col">Observed</th>
          <th scope="col">Expected</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, observed, expected }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <Side text={observed} />
            <Side text={expected} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const longest = 160

/** What goes on for too long is cut; the whole of it is on hover. */
function Side({ text }: { readonly text: string }) {
  if (text === '')
    return (
      <td>
        <span className="dim">–</span>
      </td>
    )
  if (text.length <= longest)
    return (
      <td>
        <bdi>{text}</bdi>
      </td>
    )
  return (
    <td>
      <bdi title={text}>{text.slice(0, longest)}…</bdi>
    </td>
  )
}
