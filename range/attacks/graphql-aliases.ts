import { defineAttack } from '../world/attack.ts'

/** One call to a limit that counts calls. */
export default defineAttack({
  id: 'graphql-aliases',
  title: 'many tries under as many names in one document',
  owasp: ['API4:2023', 'API2:2023'],
  supports: ({ surface }) => surface.graphql !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { graphql } = app.surface
    if (graphql === undefined) return
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 40, medium: 14, stealthy: 5 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      const fields = stream.int(
        ...attack.by<[number, number]>({ loud: [150, 400], medium: [60, 150], stealthy: [35, 60] }),
      )
      const tries = Array.from({ length: fields }, (_, index) =>
        graphql.guess(`${stream.pick(['a', 'q', 'try'])}${index}`, stream),
      )
      yield* attack.act(
        client,
        graphql.ask(client, `mutation { ${tries.join(' ')} }`),
        // Every try was made: that none of them hit is luck.
        ({ json }) => json.data !== undefined,
      )
      yield* attack.pause({ loud: 700, medium: 20_000, stealthy: 2 * 3_600_000 })
    }
  },
})
