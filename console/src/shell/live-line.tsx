import type { LiveState } from '../api/live.ts'
import { useStats } from '../api/overview.ts'
import { decimal, plural } from '../format/number.ts'

/** Whether what is shown is what is happening. */
export function LiveLine({ state }: { readonly state: LiveState }) {
  const stats = useStats().data
  if (state !== 'live') {
    return (
      <span className="live-line">
        <i className="live-dot" data-state="waiting" />
        {state === 'connecting' ? 'connecting…' : 'live feed lost, reconnecting…'}
      </span>
    )
  }
  const rate = stats?.callsPerSecond
  return (
    <span className="stack" style={{ gap: 0 }}>
      <span className="live-line">
        <i className="live-dot" />
        {rate === undefined
          ? 'live'
          : rate === 0
            ? 'live, no calls right now'
            : `live, ${decimal(rate)} calls/s`}
      </span>
      {stats != null && stats.dropped > 0 && <span>{plural(stats.dropped, 'call')} dropped unseen</span>}
    </span>
  )
}
