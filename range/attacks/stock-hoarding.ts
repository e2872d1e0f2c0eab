import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'stock-hoarding',
  title: 'stock is held in a cart that is never bought',
  owasp: ['API6:2023'],
  supports: ({ surface }) => surface.more?.['stock-hoarding'] !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 90, medium: 35, stealthy: 16 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.3)) yield* attack.blend(visit)
      for (const ask of app.surface.more?.['stock-hoarding']?.(client, stream) ?? [])
        yield* attack.act(client, ask)
      yield* attack.pause({ loud: 500, medium: 15_000, stealthy: 20 * 60_000 })
    }
  },
})
