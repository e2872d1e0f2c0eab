import { type FactPair, factText, pairSentence } from '../../format/facts.ts'

/** Two bars on one scale, under the sentence that says the same. */
export function PairBars({ pair }: { readonly pair: FactPair }) {
  const most = Math.max(pair.observed, pair.expected, 1e-9)
  const width = (value: number): string => `${Math.max(0.5, (value / most) * 100)}%`
  return (
    <figure className="pair">
      <figcaption>{pairSentence(pair)}</figcaption>
      <div className="pair-row" aria-hidden="true">
        <span>here</span>
        <span className="pair-track">
          <i data-of="observed" style={{ width: width(pair.observed) }} />
        </span>
        <b>{factText(pair.observed)}</b>
      </div>
      <div className="pair-row" aria-hidden="true">
        <span>normal</span>
        <span className="pair-track">
          <i data-of="expected" style={{ width: width(pair.expected) }} />
        </span>
        <b>{factText(pair.expected)}</b>
      </div>
    </figure>
  )
}
