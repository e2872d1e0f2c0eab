import { callerOf, dayKey, defineComparator, shapeOf } from './comparator.ts'

export default defineComparator({
  id: 'unseen-object',
  title: 'an object that this caller never reached before and somebody else did',
  source:
    'Per-caller sets of object ids as in published BOLA rules of gateways: an id that was only ever used by other callers is suspicious; alert from three in a day. Callers are credentials, as these rules have no users.',
  owasp: ['API1:2023'],
  create: () => {
    const callers = new Map<string, string>()
    const strange = new Map<string, string[]>()
    return (call, learning) => {
      const { shape, ids } = shapeOf(call)
      const id = ids[0]
      if (id === undefined || (call.response?.status ?? 0) >= 400) return undefined
      const caller = callerOf(call)
      const object = `${shape} ${id}`
      const owner = callers.get(object)
      if (owner === undefined) {
        callers.set(object, caller)
        return undefined
      }
      if (owner === caller || learning) return undefined
      const key = `${caller} ${dayKey(call.time)}`
      const list = strange.get(key) ?? []
      strange.set(key, list)
      list.push(call.id)
      return list.length < 3
        ? undefined
        : { key, title: `${list.length} objects that others had before`, evidence: [...list] }
    }
  },
})
