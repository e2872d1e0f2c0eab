import { Link } from 'react-router'
import type { SignalView } from '../../../src/server/api/signal.ts'
import { sureOf } from '../format/confidence.ts'
import { fullStop } from '../format/names.ts'
import { callsPath } from '../format/paths.ts'
import { plainNames } from '../format/plain-names.ts'
import { EndpointLink } from './endpoint-link.tsx'
import { Moment } from './moment.tsx'
import { PrincipalLink } from './principal-link.tsx'
import { SeverityMark } from './severity-mark.tsx'
import './signal-list.css'

interface SignalListProps {
  readonly signals: readonly SignalView[]
  /** What is not clear from the page itself. */
  readonly show: 'principal' | 'endpoint'
}

export function SignalList({ signals, show }: SignalListProps) {
  return (
    <ul className="signal-list">
      {bySeverity(signals).map(signal => (
        <li key={signal.id}>
          <SeverityMark severity={signal.severity} />
          <div>
            <p>{fullStop(plainNames(signal.message, [signal.principal]))}</p>
            <p className="dim">
              {signal.detectorTitle}, {sureOf(signal)}
              {signal.attempt && ', refused'}
              {signal.held !== undefined && ', held back'} · <Moment at={signal.time} withAgo /> ·{' '}
              {show === 'principal' ? (
                <PrincipalLink id={signal.principal} />
              ) : (
                signal.endpoint !== undefined && <EndpointLink id={signal.endpoint} />
              )}{' '}
              ·{' '}
              <Link to={callsPath({ ids: signal.evidence.slice(0, 50).join(','), range: 'all' })}>
                what shows it ({signal.evidence.length})
              </Link>
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

const rank: Readonly<Record<SignalView['severity'], number>> = {
  critical: 4,
  high: 3,
  medium: 2,
  low: 1,
  info: 0,
}

/** The gravest first, and among equals the latest. */
const bySeverity = (signals: readonly SignalView[]): readonly SignalView[] =>
  [...signals].sort((a, b) => rank[b.severity] - rank[a.severity] || b.time.localeCompare(a.time))
