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
            <td>{observed === '' ? <span className="dim">–</span> : <bdi>{observed}</bdi>}</td>
            <td>{expected === '' ? <span className="dim">–</span> : <bdi>{expected}</bdi>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
