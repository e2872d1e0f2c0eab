import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'token-unsigned',
  title: 'tokens without a signature',
  owasp: ['API2:2023'],
  supports: ({ crowd }) => crowd.world.style.token === 'jwt',
  *play(attack) {
    const { world, stream, app } = attack
    const client = attack.outsider()
    for (let left = attack.count({ loud: 40, medium: 10, stealthy: 3 }); left > 0; left -= 1) {
      const { account } = stream.pick(app.ordinary())
      const until = world.now + 3_600_000
      client.held = {
        value: world.tokens.sign(world.tokens.claims(account, world.now, until), undefined),
        refresh: undefined,
        until,
        account: account.id,
      }
      yield* attack.act(client, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 500, medium: 20_000, stealthy: 45 * 60_000 })
    }
  },
})
