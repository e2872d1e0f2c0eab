import { defineAttack, foreignObject } from '../world/attack.ts'

/** Ids that leaked somewhere: invoices forwarded, links in logs, a screenshot. */
export default defineAttack({
  id: 'bola-read',
  title: 'an account reads objects of others whose ids it knows',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.resources.length > 0,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { person, client, visit } = member
    const resource = stream.pick(app.surface.resources)
    const foreign = resource.owned().filter(({ owner }) => owner !== person.account.id)
    for (const { id } of stream.some(foreign, attack.count({ loud: 120, medium: 35, stealthy: 14 }))) {
      if (attack.level === 'stealthy' && stream.chance(0.6)) yield* attack.blend(visit)
      yield* attack.act(client, resource.read(id, client), foreignObject)
      yield* attack.pause()
    }
  },
})
