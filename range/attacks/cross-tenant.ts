import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'cross-tenant',
  title: 'a member of one tenant reaches objects of another',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.resources.some(({ owned }) => owned()[0]?.tenant !== undefined),
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { person, client, visit } = member
    const resource = stream.pick(
      app.surface.resources.filter(({ owned }) => owned()[0]?.tenant !== undefined),
    )
    const foreign = resource.owned().filter(({ tenant }) => tenant !== person.account.tenant)
    for (const { id } of stream.some(foreign, attack.count({ loud: 90, medium: 30, stealthy: 10 }))) {
      if (attack.level === 'stealthy' && stream.chance(0.6)) yield* attack.blend(visit)
      yield* attack.act(
        client,
        stream.chance(0.5) ? resource.read(id) : resource.read(id, client),
        foreignObject,
      )
      yield* attack.pause()
    }
  },
})
