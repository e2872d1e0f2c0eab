import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'flow-skip',
  title: 'the last step of a flow without those before it',
  owasp: ['API6:2023'],
  supports: ({ surface }) => surface.flow !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    const { flow } = app.surface
    if (flow === undefined || member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 40, medium: 12, stealthy: 4 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.7)) yield* attack.blend(visit)
      yield* attack.acting(client, flow.skip(visit))
      yield* attack.pause({ loud: 800, medium: 40_000, stealthy: 3 * 3_600_000 })
    }
  },
})
