import { useEndpoint } from '../../api/endpoints.ts'
import type { SignalView } from '../../api/types.ts'
import { foreignShare } from '../../format/foreign-share.ts'
import { percent } from '../../format/number.ts'

/** How much of what they were answered belongs to others, beside how much that is for everybody. Needs both counts. */
export function ForeignShare({ signal }: { readonly signal: SignalView }) {
  const endpoint = useEndpoint(signal.endpoint ?? '', signal.endpoint !== undefined)
  const share = foreignShare(signal, endpoint.data?.callers)
  if (share === undefined) return null
  const rows = [
    { who: 'here', of: 'observed', value: share.here },
    { who: 'normal', of: 'expected', value: share.usual },
  ]
  return (
    <figure className="pair">
      <figcaption>{share.sentence}</figcaption>
      {rows.map(row => (
        <div key={row.who} className="pair-row" aria-hidden="true">
          <span>{row.who}</span>
          <span className="pair-track" data-whole="true">
            <i data-of={row.of} style={{ width: `${Math.max(0.4, row.value * 100)}%` }} />
          </span>
          <b>{percent(row.value)}</b>
        </div>
      ))}
    </figure>
  )
}
