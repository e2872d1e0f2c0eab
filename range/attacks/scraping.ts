import { defineAttack } from '../world/attack.ts'
import { textOf } from '../world/http.ts'
import { itemsOf } from '../world/style.ts'

export default defineAttack({
  id: 'scraping',
  title: 'the whole catalogue is read by a program that says it is a browser, or not even that',
  owasp: ['API4:2023', 'API6:2023'],
  supports: ({ surface }) => surface.catalogue !== undefined,
  *play(attack) {
    const { app, stream, world } = attack
    const { catalogue } = app.surface
    if (catalogue === undefined) return
    const client = attack.outsider()
    const most = attack.count({ loud: 300, medium: 160, stealthy: 70 })
    let read = 0
    for (let offset = 0; offset < catalogue.total() && read < most; offset += world.style.pageSize) {
      const answer = yield* attack.act(client, catalogue.page(offset))
      read += 1
      yield* attack.pause({ loud: 300, medium: 6_000, stealthy: 8 * 60_000 })
      for (const row of stream.some(itemsOf(answer.json), attack.by({ loud: 20, medium: 10, stealthy: 4 }))) {
        yield* attack.act(client, catalogue.item(textOf(row.id) ?? ''))
        read += 1
        yield* attack.pause({ loud: 300, medium: 6_000, stealthy: 8 * 60_000 })
      }
    }
  },
})
