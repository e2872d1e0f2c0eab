import { count } from '../format/number.ts'

export const riskWord = (score: number): string =>
  score >= 80 ? 'very high' : score >= 60 ? 'high' : score >= 35 ? 'medium' : score > 0 ? 'low' : 'none'

/** 0 to 100 as a number, a short bar and a word on hover. */
export function RiskScore({ score }: { readonly score: number }) {
  const tone = score >= 80 ? 'critical' : score >= 60 ? 'high' : score >= 35 ? 'medium' : 'low'
  return (
    <span className="risk-score" title={`risk ${count(score)} of 100: ${riskWord(score)}`}>
      <span className="risk-track" aria-hidden="true">
        <i style={{ width: `${Math.min(100, score)}%`, background: `var(--${tone})` }} />
      </span>
      <span className="risk-number">{count(score)}</span>
      <span className="visually-hidden"> of 100, {riskWord(score)}</span>
    </span>
  )
}
