import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'parameter-pollution',
  title: "somebody else's id is added to a request that speaks for the caller",
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.more?.['parameter-pollution'] !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 70, medium: 24, stealthy: 8 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.6)) yield* attack.blend(visit)
      for (const ask of app.surface.more?.['parameter-pollution']?.(client, stream) ?? [])
        yield* attack.act(client, ask, foreignObject)
      yield* attack.pause()
    }
  },
})
