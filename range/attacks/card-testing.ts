import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'card-testing',
  title: 'stolen card numbers are tried with small payments',
  owasp: ['API6:2023'],
  supports: ({ surface }) => surface.more?.['card-testing'] !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const client = attack.outsider()
    const { ok } = yield* attack.newcomer(client)
    if (!ok) return
    for (let left = attack.count({ loud: 120, medium: 40, stealthy: 14 }); left > 0; left -= 1) {
      for (const ask of app.surface.more?.['card-testing']?.(client, stream) ?? [])
        yield* attack.act(client, ask)
      yield* attack.pause({ loud: 900, medium: 40_000, stealthy: 50 * 60_000 })
    }
  },
})
