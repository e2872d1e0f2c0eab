import { defineAttack } from '../world/attack.ts'
import { itemsOf } from '../world/style.ts'

export default defineAttack({
  id: 'page-size',
  title: 'pages of thousands are asked for where people ask for twenty',
  owasp: ['API4:2023'],
  supports: ({ surface }) => surface.catalogue !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { catalogue } = app.surface
    const member = yield* attack.member()
    if (catalogue === undefined || member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 40, medium: 10, stealthy: 3 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      const size = attack.by({ loud: 5_000, medium: 1_000, stealthy: 300 })
      yield* attack.act(
        client,
        catalogue.page(stream.int(0, 3) * size, size),
        answer => answer.ok && itemsOf(answer.json).length > 100,
      )
      yield* attack.pause({ loud: 900, medium: 20_000, stealthy: 60 * 60_000 })
    }
  },
})
