import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'expensive-call',
  title: 'the dearest call is made again and again',
  owasp: ['API4:2023'],
  supports: ({ surface }) => (surface.expensive?.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const way = stream.pick(app.surface.expensive ?? [])
    for (let left = attack.count({ loud: 200, medium: 60, stealthy: 25 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.3)) yield* attack.blend(visit)
      yield* attack.act(client, way.ask(stream, client))
      yield* attack.pause({ loud: 250, medium: 6_000, stealthy: 6 * 60_000 })
    }
  },
})
