import type { DetectorView } from '../../../src/server/api/detector.ts'
import type { OverviewView } from '../../../src/server/api/overview.ts'
import { count, plural } from './number.ts'

/** What is being watched, and by how many detectors: that nothing was found means little where nothing is seen. */
export function watchSentence(
  overview: Pick<OverviewView, 'totals' | 'sensors'>,
  detectors: readonly Pick<DetectorView, 'enabled'>[] | undefined,
): string {
  const { calls, endpoints, principals } = overview.totals
  if (calls === 0) return 'No call has been seen yet: nothing is watched until a sensor sends some.'
  const running = overview.sensors.filter(({ state }) => state === 'running').length
  const on = detectors?.filter(({ enabled }) => enabled).length
  const off = detectors === undefined || on === undefined ? 0 : detectors.length - on
  const by =
    on === undefined
      ? ''
      : ` by ${plural(on, 'detector')}${off > 0 ? ` (${count(off)} ${off === 1 ? 'is' : 'are'} off)` : ''}`
  return `Watched${by}: ${plural(calls, 'call')} of ${plural(principals, 'principal')} to ${plural(endpoints, 'endpoint')}, from ${plural(running, 'running sensor')}.`
}
