import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'exfil-quota',
  title: 'a script carries away the same number of records every day',
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
    const quota = attack.by({ loud: 80, medium: 35, stealthy: 14 })
    let next = stream.int(0, 20)
    while (world.now < world.end - 3_600_000) {
      if (!(yield* attack.signIn(client, person))) return
      for (let left = quota; left > 0; left -= 1) {
        yield* attack.act(client, bulk.ask(next % bulk.total()))
        next += 1
        yield stream.about(attack.by({ loud: 2_000, medium: 20_000, stealthy: 90_000 }), 0.3)
      }
      yield 86_400_000 - (world.now % 86_400_000) + (10 + stream.between(0, 0.4)) * 3_600_000
    }
  },
})
