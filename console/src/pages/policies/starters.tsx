import { Link } from 'react-router'
import { policyKindFor } from '../../format/policy-kinds.ts'
import { Section } from '../../parts/section.tsx'

const starters = ['owner', 'tenant', 'login', 'injection']

/** A policy is seldom written from nothing. */
export function Starters() {
  return (
    <Section title="Start from">
      <ul className="stack">
        {starters.map(detectors => {
          const kind = policyKindFor([detectors])
          return (
            <li key={detectors}>
              <Link to={`/policies/new?detectors=${detectors}`}>{kind.prefix}</Link>{' '}
              <span className="dim">{kind.why}</span>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
