import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'bola-slow',
  title: 'an account reads a few objects of others a day, amid ordinary use',
  owasp: ['API1:2023'],
  slow: true,
  supports: ({ surface }) => surface.resources.length > 0,
  *play(attack) {
    const { app, stream, world } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { person, client, visit } = member
    const resource = stream.pick(app.surface.resources)
    const foreign = stream.shuffled(resource.owned().filter(({ owner }) => owner !== person.account.id))
    const perDay = attack.by({ loud: 16, medium: 6, stealthy: 2 })
    for (const { id } of foreign) {
      if (world.now > world.end - 3_600_000) return
      if (stream.chance(0.5)) yield* attack.blend(visit)
      yield* attack.act(client, resource.read(id, client), foreignObject)
      yield stream.exponential((14 * 3_600_000) / perDay)
      yield* attack.untilAwake()
    }
  },
})
