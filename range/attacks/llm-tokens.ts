import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'llm-tokens',
  title: 'a language model that others pay for is used up or sold on',
  owasp: ['API4:2023', 'LLM10:2025'],
  supports: ({ surface }) => surface.model !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { model } = app.surface
    if (model === undefined) return
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 120, medium: 50, stealthy: 24 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.3)) yield* attack.blend(visit)
      const words = stream.int(
        ...attack.by<[number, number]>({
          loud: [3_000, 7_000],
          medium: [2_500, 5_000],
          stealthy: [2_000, 4_000],
        }),
      )
      yield* attack.act(client, model.ask(words, stream))
      yield* attack.pause({ loud: 2_000, medium: 30_000, stealthy: 9 * 60_000 })
    }
  },
})
