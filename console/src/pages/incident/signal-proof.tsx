import type { SignalView } from '../../api/types.ts'
import { howSure } from '../../format/confidence.ts'
import { factPairs, factText } from '../../format/facts.ts'
import { fullStop, words } from '../../format/names.ts'
import { PairBars } from './pair-bars.tsx'

/** One detector's word, with its measurements: numbers with a counterpart are drawn, the others are listed. */
export function SignalProof({ signal }: { readonly signal: SignalView }) {
  const pairs = factPairs(signal.observed, signal.expected).slice(0, 3)
  const drawn = new Set(pairs.map(pair => pair.label))
  const rest = (facts: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
    Object.entries(facts).filter(([key]) => !drawn.has(words(key)))
  return (
    <li className="proof">
      <p>{fullStop(signal.message)}</p>
      {pairs.map(pair => (
        <PairBars key={pair.label} pair={pair} />
      ))}
      <dl className="proof-facts">
        <FactLine title="Observed" facts={rest(signal.observed)} />
        <FactLine title="Expected" facts={rest(signal.expected)} />
      </dl>
      <p className="proof-foot">
        {signal.detectorTitle} · {howSure(signal.confidence)}
        {signal.attempt && ' · tried and refused'}
        {[...signal.owasp, ...signal.attack].map(id => (
          <span key={id} className="chip">
            {id}
          </span>
        ))}
      </p>
    </li>
  )
}

function FactLine({
  title,
  facts,
}: {
  readonly title: string
  readonly facts: readonly (readonly [string, unknown])[]
}) {
  if (facts.length === 0) return null
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {facts.map(([key, value]) => (
          <span key={key} className="fact">
            <span className="dim">{words(key)}</span> {factText(value)}
          </span>
        ))}
      </dd>
    </>
  )
}
