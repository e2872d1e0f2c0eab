import { Link } from 'react-router'
import type { BacktestView } from '../../../../src/server/api/backtest.ts'
import { backtestSentence, costWords } from '../../format/detectors.ts'
import { capital, fullStop, words } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { plainNames } from '../../format/plain-names.ts'
import { shortTime } from '../../format/time.ts'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { SeverityMark } from '../../parts/severity-mark.tsx'

interface BacktestResultProps {
  readonly test: BacktestView
  /** The values were changed since. */
  readonly stale: boolean
}

/** What the change would have done: the sentence, before and after side by side, and every signal that differs. */
export function BacktestResult({ test, stale }: BacktestResultProps) {
  const { before, after, from, to } = test
  const names = Object.keys(after.options).filter(name => before.options[name] !== after.options[name])
  const rows = [
    ...names.map(name => [
      capital(words(name)),
      String(before.options[name] ?? ''),
      String(after.options[name] ?? ''),
    ]),
    ['Signals', count(before.signals), count(after.signals)],
    ['Principals named', count(before.principals), count(after.principals)],
  ]
  return (
    <div className="backtest" data-stale={stale} role="status">
      <p className="backtest-lead">
        {stale && 'Of the values before: '}
        {backtestSentence(test)}
      </p>
      <p className="dim">
        {from !== undefined && to !== undefined && `Calls from ${shortTime(from)} to ${shortTime(to)}. `}
        {test.truncated && 'More were recorded than one test reads: these are the newest. '}
        {costWords(test)}
      </p>
      <table className="table backtest-table">
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">What</span>
            </th>
            <th className="num">As it is</th>
            <th className="num">As it would be</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, was, would]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td className="num">{was}</td>
              <td className="num">{would}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Differing
        title="Would be new"
        signals={test.appeared}
        none="Nothing would be raised that is not raised now."
      />
      <Differing
        title="Would be gone"
        signals={test.vanished}
        none="Nothing that is raised now would be missed."
      />
    </div>
  )
}

interface DifferingProps {
  readonly title: string
  readonly none: string
  readonly signals: BacktestView['appeared']
}

function Differing({ title, none, signals }: DifferingProps) {
  return (
    <div>
      <h3>
        {title} {signals.length > 0 && <span className="dim">{count(signals.length)}</span>}
      </h3>
      {signals.length === 0 ? (
        <p className="dim">{none}</p>
      ) : (
        <ul className="backtest-signals">
          {signals.map(signal => (
            <li key={signal.id}>
              <SeverityMark severity={signal.severity} />
              <div>
                <p>{fullStop(plainNames(signal.message, [signal.principal]))}</p>
                <p className="dim">
                  <PrincipalLink id={signal.principal} /> · <Moment at={signal.time} /> ·{' '}
                  <Link to={callsPath({ ids: signal.evidence.slice(0, 50).join(','), range: 'all' })}>
                    what shows it ({signal.evidence.length})
                  </Link>
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
