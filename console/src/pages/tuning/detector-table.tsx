import { Link } from 'react-router'
import type { DetectorView } from '../../../../src/server/api/detector.ts'
import { words } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { detectorPath } from '../../format/paths.ts'
import { PrecisionBar } from '../../parts/precision-bar.tsx'

/** Every detector in a line: how often it was right, how much it says, and what was kept quiet. */
export function DetectorTable({ detectors }: { readonly detectors: readonly DetectorView[] }) {
  return (
    <table className="table cards detectors">
      <thead>
        <tr>
          <th>Detector</th>
          <th>Was right</th>
          <th className="num">Signals, 7 days</th>
          <th className="num">30 days</th>
          <th className="num">Incidents</th>
          <th className="num">Dismissals</th>
          <th className="num">Held back</th>
        </tr>
      </thead>
      <tbody>
        {detectors.map(detector => (
          <tr key={detector.id} data-off={!detector.enabled}>
            <td data-label="">
              <span>
                <Link to={detectorPath(detector.id)} className="detector-title">
                  {detector.title}
                </Link>{' '}
                {!detector.enabled && (
                  <span className="chip" data-tone="bad">
                    off
                  </span>
                )}
                <br />
                <span className="dim detector-kind">
                  {words(detector.family)}, {detector.kind}
                  {detector.options.some(({ value, default: usual }) => value !== usual) &&
                    ', options changed'}
                </span>
              </span>
            </td>
            <td data-label="Was right">
              <PrecisionBar precision={detector.precision} />
            </td>
            <Figure label="Signals, 7 days" value={detector.signals7d} />
            <Figure label="Signals, 30 days" value={detector.signals30d} />
            <Figure label="Incidents, 30 days" value={detector.incidents30d} />
            <Figure label="Dismissals" value={detector.suppressions} />
            <Figure label="Held back" value={detector.held} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Nothing is a dash: what is something stands out. */
function Figure({ label, value }: { readonly label: string; readonly value: number }) {
  return (
    <td data-label={label} className="num" data-none={value === 0}>
      {value === 0 ? <span className="dim">–</span> : count(value)}
    </td>
  )
}
