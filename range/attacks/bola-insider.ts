import { defineAttack, foreignObject } from '../world/attack.ts'

export default defineAttack({
  id: 'bola-insider',
  title: 'a member of staff looks at customers who are none of their cases',
  owasp: ['API1:2023'],
  supports: ({ surface }) => surface.support !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { support } = app.surface
    if (support === undefined) return
    const person = attack.someone(support.role)
    const { client } = attack.as(person)
    client.network = person.office ?? person.home
    if (!(yield* attack.signIn(client, person))) return
    const customers = stream.some(app.ordinary(), attack.count({ loud: 70, medium: 25, stealthy: 10 }))
    for (const { account } of customers) {
      yield* attack.act(client, support.reads(account.id), foreignObject)
      yield* attack.pause({ loud: 3_000, medium: 4 * 60_000, stealthy: 3 * 3_600_000 })
      if (attack.level === 'stealthy') yield* attack.untilAwake()
    }
  },
})
