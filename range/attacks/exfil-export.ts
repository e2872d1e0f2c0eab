import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'exfil-export',
  title: 'a member of staff exports what they never exported, again and again',
  owasp: ['API6:2023'],
  supports: ({ surface }) => (surface.exports?.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const way = stream.pick(app.surface.exports ?? [])
    const person = attack.someone(way.role)
    const { client } = attack.as(person)
    // From home, in the evening.
    client.network = person.home
    if (!(yield* attack.signIn(client, person))) return
    for (let left = attack.count({ loud: 25, medium: 8, stealthy: 3 }); left > 0; left -= 1) {
      yield* attack.act(client, way.ask(stream))
      yield* attack.pause({ loud: 2_000, medium: 3 * 60_000, stealthy: 9 * 3_600_000 })
    }
  },
})
