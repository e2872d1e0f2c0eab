import { defineAttack } from '../world/attack.ts'
import type { Script } from '../world/timeline.ts'

export default defineAttack({
  id: 'exfil-linked',
  title: 'several accounts on one machine share out what they read',
  owasp: ['API4:2023', 'API6:2023'],
  supports: ({ surface }) => surface.catalogue !== undefined,
  *play(attack) {
    const { app, world } = attack
    const { catalogue } = app.surface
    if (catalogue === undefined) return
    const device = attack.device()
    const network = attack.network()
    const accounts = attack.by({ loud: 3, medium: 5, stealthy: 7 })
    const pages = Math.ceil(catalogue.total() / world.style.pageSize)
    for (let index = 0; index < accounts; index += 1) {
      const client = attack.client(device, network)
      const { ok } = yield* attack.newcomer(client)
      if (!ok) return
      attack.beside(part(index))
      yield* attack.pause({ loud: 3_000, medium: 60_000, stealthy: 15 * 60_000 })
      function* part(first: number): Script {
        for (let page = first; page < pages; page += accounts) {
          yield* attack.act(client, catalogue!.page(page * world.style.pageSize))
          yield* attack.pause({ loud: 400, medium: 12_000, stealthy: 25 * 60_000 })
        }
      }
    }
  },
})
