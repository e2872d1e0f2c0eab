import { defineAttack } from '../world/attack.ts'

/** A parameter of the API's developers makes it say more than it should. */
export default defineAttack({
  id: 'data-exposure',
  title: 'a field that no ordinary person ever got is asked for and handed out',
  owasp: ['API3:2023'],
  supports: ({ surface }) => surface.exposure !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { exposure } = app.surface
    const member = yield* attack.member()
    if (exposure === undefined || member === undefined) return
    const { person, client, visit } = member
    for (let left = attack.count({ loud: 40, medium: 12, stealthy: 4 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      const ask = exposure.ask(person.account, stream)
      if (ask === undefined) return
      yield* attack.act(client, ask, answer => answer.ok && exposure.exposed(answer.json))
      yield* attack.pause({ loud: 600, medium: 20_000, stealthy: 60 * 60_000 })
    }
  },
})
