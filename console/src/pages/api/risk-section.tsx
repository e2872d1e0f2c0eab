import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { capital, fullStop } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { riskWord } from '../../parts/risk-score.tsx'
import { Section } from '../../parts/section.tsx'

/** The score taken apart: nothing counts that is not listed. */
export function RiskSection({ risk }: { readonly risk: EndpointView['risk'] }) {
  return (
    <Section title="Risk" note={`${count(risk.score)} of 100, ${riskWord(risk.score)}`}>
      {risk.factors.length === 0 ? (
        <p className="dim">Nothing speaks against this endpoint so far.</p>
      ) : (
        <ul className="factors">
          {[...risk.factors]
            .sort((a, b) => b.points - a.points)
            .map(factor => (
              <li key={factor.factor}>
                <b className="num">{factor.points > 0 ? `+${count(factor.points)}` : count(factor.points)}</b>
                <span>{fullStop(capital(factor.why))}</span>
              </li>
            ))}
        </ul>
      )}
    </Section>
  )
}
