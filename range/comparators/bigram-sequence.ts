import { callerOf, dayKey, defineComparator, shapeOf } from './comparator.ts'

/** Calls of a caller that stand together; a pause of this length ends the sequence. */
const idle = 30 * 60_000

export default defineComparator({
  id: 'bigram-sequence',
  title: 'pairs of calls in a row that history never had (stide)',
  source:
    'Sequence time-delay embedding (Hofmeyr, Forrest, Somayaji 1998) with windows of two over endpoint and status; alert from three unknown pairs within the last 20 calls of a caller.',
  create: () => {
    const known = new Set<string>()
    const last = new Map<string, { shape: string; time: number; recent: { call: string; odd: boolean }[] }>()
    return (call, learning) => {
      const caller = callerOf(call)
      const shape = `${shapeOf(call).shape} ${call.response?.status ?? 0}`
      const before = last.get(caller)
      const fresh = before === undefined || call.time - before.time > idle
      const pair = `${fresh ? '' : before.shape} > ${shape}`
      const recent = fresh ? [] : before.recent
      const odd = !known.has(pair)
      if (learning) known.add(pair)
      recent.push({ call: call.id, odd: odd && !learning })
      if (recent.length > 20) recent.shift()
      last.set(caller, { shape, time: call.time, recent })
      const evidence = recent.filter(one => one.odd).map(one => one.call)
      return learning || !odd || evidence.length < 3
        ? undefined
        : {
            key: `${caller} ${dayKey(call.time)}`,
            title: `${evidence.length} unknown pairs of calls`,
            evidence,
          }
    }
  },
})
