import { defineAttack } from '../world/attack.ts'

/** The signing key was guessed or cracked: works where it is a word. */
export default defineAttack({
  id: 'token-forged',
  title: 'tokens signed by the attacker, for other people or higher roles',
  owasp: ['API2:2023'],
  supports: ({ crowd }) => crowd.world.style.token === 'jwt',
  *play(attack) {
    const { world, stream, app } = attack
    const client = attack.outsider()
    const role = stream.pick(app.crowd.world.people.filter(one => one.role !== 'customer')).account.roles
    for (let left = attack.count({ loud: 50, medium: 14, stealthy: 4 }); left > 0; left -= 1) {
      const { account } = stream.pick(app.ordinary())
      const until = world.now + 3_600_000
      const claims = world.tokens.claims(
        stream.chance(0.4) ? { ...account, roles: role } : account,
        world.now,
        until,
      )
      client.held = {
        value: world.tokens.sign(claims, 'secret'),
        refresh: undefined,
        until,
        account: account.id,
      }
      yield* attack.act(
        client,
        stream.chance(0.5)
          ? stream.pick(attack.usual())
          : stream.pick(app.surface.privileged).ask(stream, client),
      )
      yield* attack.pause({ loud: 500, medium: 20_000, stealthy: 45 * 60_000 })
    }
  },
})
