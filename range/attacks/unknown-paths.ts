import { defineAttack } from '../world/attack.ts'

const words =
  'users user accounts admin internal debug export exports backup config settings keys tokens roles permissions audit logs metrics jobs tasks files uploads documents reports billing invoices payments refunds coupons promo flags features experiments webhooks hooks graphql search lookup bulk batch sync import test beta legacy old private'.split(
    ' ',
  )

/** Somebody who reads the application's own paths and tries their neighbours. */
export default defineAttack({
  id: 'unknown-paths',
  title: 'paths that an API of this kind might have are tried',
  owasp: ['API9:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 120, medium: 45, stealthy: 14 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.5)) yield* attack.blend(visit)
      const path = stream.weighted([
        [`/${stream.pick(words)}`, 4],
        [`/${stream.pick(words)}/${stream.pick(words)}`, 4],
        [`/${stream.pick(words)}/${stream.int(1, 40)}`, 2],
      ])
      yield* attack.act(client, { method: 'GET', path: world.at(path) })
      yield* attack.pause({ loud: 200, medium: 9_000, stealthy: 40 * 60_000 })
    }
  },
})
