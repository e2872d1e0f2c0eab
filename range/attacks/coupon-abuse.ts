import { defineAttack } from '../world/attack.ts'

/** One coupon for each new customer: so there are many new customers. */
export default defineAttack({
  id: 'coupon-abuse',
  title: 'a coupon is used by many accounts of one person',
  owasp: ['API6:2023'],
  supports: ({ surface }) => surface.more?.['coupon-abuse'] !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const device = attack.device()
    for (let left = attack.count({ loud: 30, medium: 12, stealthy: 6 }); left > 0; left -= 1) {
      const client = attack.client(device, attack.network())
      const { ok } = yield* attack.newcomer(client)
      if (!ok) return
      for (const ask of app.surface.more?.['coupon-abuse']?.(client, stream) ?? [])
        yield* attack.act(client, ask)
      yield* attack.pause({ loud: 1_500, medium: 5 * 60_000, stealthy: 4 * 3_600_000 })
    }
  },
})
