import { defineAttack, foreignObject } from '../world/attack.ts'
import type { Script } from '../world/timeline.ts'

/** No account does much: the objects are shared out among them. */
export default defineAttack({
  id: 'bola-accounts',
  title: 'several accounts of one person read objects of others',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.resources.length > 0,
  *play(attack) {
    const { app, stream } = attack
    const resource = stream.pick(app.surface.resources)
    const accounts = attack.by({ loud: 4, medium: 6, stealthy: 8 })
    const each = attack.by({ loud: 30, medium: 10, stealthy: 3 })
    const device = attack.device()
    const objects = stream.some(resource.owned(), accounts * each)
    for (let index = 0; index < accounts; index += 1) {
      // One machine, an address for each account where it hides.
      const client = attack.client(device, attack.network())
      const { ok } = yield* attack.newcomer(client)
      if (!ok) return
      yield* attack.pause({ loud: 2_000, medium: 40_000, stealthy: 20 * 60_000 })
      attack.beside(part(objects.slice(index * each, (index + 1) * each)))
      function* part(own: typeof objects): Script {
        for (const { id } of own) {
          yield* attack.act(client, resource.read(id, client), foreignObject)
          yield* attack.pause()
        }
      }
    }
  },
})
