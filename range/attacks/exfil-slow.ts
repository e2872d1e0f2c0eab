import { defineAttack } from '../world/attack.ts'

/** Each record is within their role; the sum of them is not their work. */
export default defineAttack({
  id: 'exfil-slow',
  title: 'a member of staff carries records away over days',
  owasp: ['API6:2023'],
  slow: true,
  supports: ({ surface }) => surface.bulk !== undefined,
  *play(attack) {
    const { app, stream, world } = attack
    const { bulk } = app.surface
    if (bulk === undefined) return
    const person = attack.someone(bulk.role)
    const { client } = attack.as(person)
    client.network = person.office ?? person.home
    if (!(yield* attack.signIn(client, person))) return
    const perDay = attack.by({ loud: 90, medium: 40, stealthy: 15 })
    for (let index = 0; index < bulk.total() && world.now < world.end - 3_600_000; index += 1) {
      yield* attack.act(client, bulk.ask(index))
      yield stream.exponential((9 * 3_600_000) / perDay)
      const hours = (world.now % 86_400_000) / 3_600_000
      if (hours > 18 || hours < 8) yield (((32 - hours) % 24) + stream.between(0, 0.8)) * 3_600_000
    }
  },
})
