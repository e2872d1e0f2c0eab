import type { DetectorView } from '../../../src/server/api/detector.ts'
import { precisionWords } from '../format/detectors.ts'
import { percent } from '../format/number.ts'
import './precision-bar.css'

/** How often it was right: the share as a mark, and where it lies for sure as a band. Words where there is little to draw. */
export function PrecisionBar({ precision }: Pick<DetectorView, 'precision'>) {
  const { value, low, high, n } = precision
  const words = precisionWords({ precision })
  if (value === null || n === 0) return <span className="dim">{words}</span>
  const x = (share: number): string => `${Math.min(100, Math.max(0, share * 100))}%`
  return (
    <span className="precision" title={words}>
      <span className="precision-track" aria-hidden="true">
        <i style={{ left: x(low), width: x(high - low) }} />
        <b style={{ left: x(value) }} />
      </span>
      <span aria-hidden="true">
        {percent(value)} <span className="dim">of {n}</span>
      </span>
      <span className="visually-hidden">{words}</span>
    </span>
  )
}
