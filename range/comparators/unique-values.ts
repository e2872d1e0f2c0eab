import { callerOf, dayKey, defineComparator, shapeOf } from './comparator.ts'

/** Distinct values of one parameter from one caller in a window. */
const window = 10 * 60_000

export default defineComparator({
  id: 'unique-values',
  title: 'unique values of a path parameter per caller',
  source:
    'Counters of unique values per session or address, as gateways describe for enumeration; here: alert above 20 within 10 minutes, or three times the most that any caller had in history.',
  owasp: ['API1:2023'],
  create: () => {
    const seen = new Map<string, Map<string, { readonly time: number; readonly call: string }>>()
    const most = new Map<string, number>()
    return (call, learning) => {
      const { shape, ids } = shapeOf(call)
      const id = ids[0]
      if (id === undefined) return undefined
      const key = `${callerOf(call)} ${shape}`
      const values = seen.get(key) ?? new Map<string, { time: number; call: string }>()
      seen.set(key, values)
      for (const [value, { time }] of values) if (time <= call.time - window) values.delete(value)
      values.set(id, { time: call.time, call: call.id })
      if (learning) {
        most.set(shape, Math.max(most.get(shape) ?? 0, values.size))
        return undefined
      }
      const limit = Math.max(20, 3 * (most.get(shape) ?? 0))
      if (values.size <= limit) return undefined
      return {
        key: `${key} ${dayKey(call.time)}`,
        title: `${values.size} different values at ${shape} within 10 minutes`,
        evidence: [...values.values()].map(one => one.call),
      }
    }
  },
})
