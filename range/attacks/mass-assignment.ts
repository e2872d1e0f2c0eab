import { defineAttack } from '../world/attack.ts'

/** The field is seen in an answer and written back; then it is used. */
export default defineAttack({
  id: 'mass-assignment',
  title: 'a field that nobody should set is set, and what it opens is used',
  owasp: ['API3:2023'],
  supports: ({ surface }) => (surface.massAssignment?.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { person, client, visit } = member
    const before = [...person.account.roles]
    for (let left = attack.count({ loud: 12, medium: 4, stealthy: 1 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      const way = stream.pick(app.surface.massAssignment ?? [])
      const answer = yield* attack.act(
        client,
        way.ask(client, stream),
        given => given.ok && way.took(given.json),
      )
      yield* attack.pause({ loud: 1_500, medium: 30_000, stealthy: 20 * 60_000 })
      if (!answer.ok || !way.took(answer.json)) continue
      // A token says the roles of when it was issued.
      yield* client.renew()
      for (const use of stream.some(app.surface.privileged, attack.by({ loud: 4, medium: 3, stealthy: 2 }))) {
        yield* attack.act(client, use.ask(stream, client))
        yield* attack.pause({ loud: 800, medium: 25_000, stealthy: 30 * 60_000 })
      }
    }
    person.account.roles = before
  },
})
