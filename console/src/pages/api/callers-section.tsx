import { useState } from 'react'
import { Link } from 'react-router'
import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Section } from '../../parts/section.tsx'

/** Shown at first; the rest is one click away. */
const few = 8

export function CallersSection({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const { callers } = endpoint
  const [all, setAll] = useState(false)
  const shown = all || callers.length <= few + 2 ? callers : callers.slice(0, few)
  const most = Math.max(1, ...callers.map(caller => caller.calls))
  return (
    <Section title="Who calls it" note={callers.length >= 20 ? 'The 20 with the most calls.' : undefined}>
      {callers.length === 0 ? (
        <p className="dim">Nobody has called it since counting began.</p>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th>Principal</th>
              <th className="num">Calls</th>
              <th />
              <th className="num">Refused</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(caller => (
              <tr key={caller.principal}>
                <td data-label="">
                  <PrincipalLink id={caller.principal} kind />
                </td>
                <td data-label="Calls" className="num">
                  <Link to={callsPath({ endpoint: endpoint.id, principal: caller.principal, range: 'all' })}>
                    {count(caller.calls)}
                  </Link>
                </td>
                <td className="caller-share" data-label="" aria-hidden="true">
                  <i style={{ width: `${Math.max(1, (caller.calls / most) * 100)}%` }} />
                </td>
                <td data-label="Refused" className="num">
                  {caller.refused === 0 ? <span className="dim">0</span> : count(caller.refused)}
                </td>
                <td data-label="Last">
                  <Moment at={caller.lastSeen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < callers.length && (
        <p>
          <button type="button" className="plain-button link no-print" onClick={() => setAll(true)}>
            show the other {callers.length - shown.length}
          </button>
        </p>
      )}
    </Section>
  )
}
