import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'bola-write',
  title: 'an account changes objects of others',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.resources.some(({ write }) => write !== undefined),
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { person, client, visit } = member
    const resource = stream.pick(app.surface.resources.filter(({ write }) => write !== undefined))
    const foreign = resource.owned().filter(({ owner }) => owner !== person.account.id)
    for (const { id } of stream.some(foreign, attack.count({ loud: 60, medium: 20, stealthy: 8 }))) {
      if (attack.level === 'stealthy' && stream.chance(0.6)) yield* attack.blend(visit)
      const ask = resource.write?.(id, stream, client)
      if (ask !== undefined) yield* attack.act(client, ask, foreignObject)
      yield* attack.pause()
    }
  },
})
