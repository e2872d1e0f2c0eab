import { availableParallelism } from 'node:os'
import { SallyportError } from '../kit/error.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'

/** What several loops can share a port on. */
const sharingPlatforms: ReadonlySet<string> = new Set(['linux', 'freebsd', 'sunos', 'aix'])
/** More loops than that are asked for by number. */
const mostLoops = 16

/**
 * How many event loops a gateway has. `auto`: one less than there are cores, for analysis; one where loops cannot share a port.
 *
 * @throws SallyportError `config/invalid` where several are asked for and cannot share a port
 */
export function gatewayLoops(
  workers: number | 'auto',
  cores: number = availableParallelism(),
  platform: string = process.platform,
): number {
  const canShare = sharingPlatforms.has(platform)
  if (workers === 'auto') return canShare ? Math.min(mostLoops, Math.max(1, cores - 1)) : 1
  if (workers > 1 && !canShare)
    throw new SallyportError('config/invalid', `Several event loops cannot share a port on ${platform}.`, {
      where: 'gateway.workers',
      mend: 'Set it to 1, or to auto.',
    })
  return workers
}

const worst = ['degraded', 'starting', 'stopped', 'running'] as const

/** What loops say of the same sensor, as one: counts are summed, of states the worst is told, with the words that go with it. */
export function oneHealth(loops: readonly SensorHealth[]): readonly SensorHealth[] {
  const byId = new Map<string, SensorHealth>()
  for (const health of loops) {
    const known = byId.get(health.id)
    byId.set(health.id, known === undefined ? health : added(known, health))
  }
  return [...byId.values()]
}

function added(one: SensorHealth, other: SensorHealth): SensorHealth {
  const [first, second] = worst.indexOf(other.state) < worst.indexOf(one.state) ? [other, one] : [one, other]
  const newest = Math.max(one.lastEventAt ?? 0, other.lastEventAt ?? 0)
  return {
    ...second,
    ...first,
    events: one.events + other.events,
    dropped: one.dropped + other.dropped,
    rejected: one.rejected + other.rejected,
    perSecond: (one.perSecond ?? 0) + (other.perSecond ?? 0),
    ...(newest === 0 ? {} : { lastEventAt: newest }),
  }
}
