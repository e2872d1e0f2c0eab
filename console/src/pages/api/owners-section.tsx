import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { count, percent } from '../../format/number.ts'
import { Section } from '../../parts/section.tsx'

/** Whose the answers are: the rule by which reading what belongs to others is recognised. */
export function OwnersSection({ owners }: { readonly owners: EndpointDetailView['owners'] }) {
  return (
    <Section title="Whose data it is">
      {owners.length === 0 ? (
        <p className="dim">
          Not learned. Either the answers name nobody as their owner, or too few calls were seen to be sure.
          Until then, only guessing and enumeration are recognised here.
        </p>
      ) : (
        <ul className="stack">
          {owners.map(owner => (
            <li key={`${owner.scope} ${owner.field} ${owner.claim}`}>
              The {owner.scope} in <code>{owner.field}</code> is the caller’s own <code>{owner.claim}</code>
              <span className="dim">
                {' '}
                in {percent(owner.agreement)} of {count(owner.seen)} calls
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
