import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'bola-guess',
  title: 'an account tries random ids of the right form',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.resources.length > 0,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const resource = stream.pick(app.surface.resources)
    for (let left = attack.count({ loud: 240, medium: 70, stealthy: 26 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.4)) yield* attack.blend(visit)
      yield* attack.act(client, resource.read(resource.guess(stream), client), foreignObject)
      yield* attack.pause({ loud: 300, medium: 15_000, stealthy: 40 * 60_000 })
    }
  },
})
