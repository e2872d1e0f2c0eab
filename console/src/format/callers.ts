import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import { principalName } from './names.ts'
import { count, listed, plural } from './number.ts'

type Callers = EndpointDetailView['callers']

/** Where a count stands on a line `width` long with a logarithmic scale from 1 to `most`. */
export function logPosition(value: number, most: number, width = 1000): number {
  const margin = 20
  if (most <= 1) return width / 2
  return margin + (Math.log(Math.max(1, value)) / Math.log(most)) * (width - 2 * margin)
}

/** `mallory made 212 calls; the other 18 callers made at most 9, half of them 4 or fewer.` */
export function callersSentence(callers: Callers, actors: ReadonlySet<string>): string {
  const here = callers.filter(caller => actors.has(caller.principal))
  const others = callers.filter(caller => !actors.has(caller.principal)).map(caller => caller.calls)
  const total = here.reduce((sum, caller) => sum + caller.calls, 0)
  const who = listed(
    here.map(caller => principalName(caller.principal)),
    3,
  )
  if (others.length === 0) return `${who} made ${plural(total, 'call')}; nobody else calls this.`
  const sorted = [...others].sort((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return `${who} made ${plural(total, 'call')}; the other ${plural(others.length, 'caller')} made at most ${count(sorted.at(-1) ?? 0)}, half of them ${count(median)} or fewer.`
}
