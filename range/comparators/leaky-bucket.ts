import type { ApiCall } from '../../src/call/api-call.ts'
import { type ComparatorDefinition, callerOf, dayKey, defineComparator } from './comparator.ts'

function bucket(
  id: string,
  title: string,
  keyOf: (call: ApiCall) => string,
  perSecond: number,
  size: number,
): ComparatorDefinition {
  return defineComparator({
    id,
    title,
    source: `A leaky bucket as in common gateways: ${perSecond} calls a second, bursts of ${size}.`,
    create: () => {
      const levels = new Map<string, { level: number; time: number }>()
      return (call, learning) => {
        const key = keyOf(call)
        const before = levels.get(key) ?? { level: 0, time: call.time }
        const level = Math.max(0, before.level - ((call.time - before.time) / 1_000) * perSecond) + 1
        levels.set(key, { level: Math.min(level, size + 1), time: call.time })
        return learning || level <= size
          ? undefined
          : { key: `${key} ${dayKey(call.time)}`, title: 'too many calls', evidence: [call.id] }
      }
    },
  })
}

export const bucketPerAddress = bucket(
  'bucket-per-address',
  'calls per address',
  ({ source }) => source.ip ?? '',
  1,
  60,
)
export const bucketPerToken = bucket('bucket-per-token', 'calls per credential', callerOf, 1, 60)
