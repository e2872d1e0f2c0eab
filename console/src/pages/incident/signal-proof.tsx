import type { SignalView } from '../../api/types.ts'
import { howSure } from '../../format/confidence.ts'
import { factPairs, factText, remainingFacts, restsOn, usualSentences } from '../../format/facts.ts'
import { capital, fullStop, words } from '../../format/names.ts'
import { plainNames } from '../../format/plain-names.ts'
import { ForeignShare } from './foreign-share.tsx'
import { PairBars } from './pair-bars.tsx'

/** One detector's word: what happened, what is normal, what that rests on, and both drawn on one scale. */
export function SignalProof({ signal }: { readonly signal: SignalView }) {
  const pairs = factPairs(signal.observed, signal.expected).slice(0, 3)
  const drawn = new Set(pairs.map(pair => pair.key))
  const usual = usualSentences(signal.expected, drawn)
  const also = remainingFacts(signal.observed, `${signal.message} ${usual.join(' ')}`, drawn)
  const basis = restsOn(signal.expected)
  return (
    <li className="proof">
      <p>{fullStop(plainNames(signal.message, [signal.principal]))}</p>
      {(usual.length > 0 || basis !== '') && (
        <p className="proof-usual">
          {usual.length > 0 && (
            <>
              <b>Normal is:</b> {usual.map(text => fullStop(text)).join(' ')}{' '}
            </>
          )}
          <span className="dim">{basis}</span>
        </p>
      )}
      {!signal.attempt && <ForeignShare signal={signal} />}
      {pairs.map(pair => (
        <PairBars key={pair.key} pair={pair} />
      ))}
      {also.length > 0 && (
        <p className="dim proof-also">
          {also.map(([key, value]) => (
            <span key={key} className="fact">
              {capital(words(key))}: {factText(value)}
            </span>
          ))}
        </p>
      )}
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
