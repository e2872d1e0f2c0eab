import type { SignalView } from '../../../../src/server/api/signal.ts'
import { sureOf } from '../../format/confidence.ts'
import { distributionKeys, distributionOf } from '../../format/distribution.ts'
import { factRows, restsOn } from '../../format/facts.ts'
import { fullStop } from '../../format/names.ts'
import { plainNames } from '../../format/plain-names.ts'
import { DistributionPicture } from './distribution-picture.tsx'
import { FactTable } from './fact-table.tsx'
import { ForeignShare } from './foreign-share.tsx'

/** One detector's word: what happened, drawn among what is usual where it compares, and as a table where it does not. */
export function SignalProof({ signal }: { readonly signal: SignalView }) {
  const distribution = distributionOf(signal)
  const rows = factRows(signal, distribution === undefined ? undefined : distributionKeys)
  const basis = distribution === undefined ? restsOn(signal.expected) : ''
  return (
    <li className="proof">
      <p className="proof-says">{fullStop(plainNames(signal.message, [signal.principal]))}</p>
      {distribution !== undefined && (
        <DistributionPicture distribution={distribution} who={signal.principal} />
      )}
      {!signal.attempt && <ForeignShare signal={signal} />}
      <FactTable rows={rows} />
      {basis !== '' && <p className="dim proof-basis">{basis}</p>}
      <p className="proof-foot">
        {signal.detectorTitle} · {sureOf(signal)}
        {signal.attempt && ' · tried and refused'}
        {signal.held !== undefined && ' · held back by the noise budget'}
        {[...signal.owasp, ...signal.attack].map(id => (
          <span key={id} className="chip">
            {id}
          </span>
        ))}
      </p>
    </li>
  )
}
