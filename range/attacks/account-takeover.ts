import { defineAttack } from '../world/attack.ts'
import { password } from '../world/names.ts'

/** The password was fished: few tries or none go before, from a device and a place that the account never had. */
export default defineAttack({
  id: 'account-takeover',
  title: 'somebody else signs in with a stolen password and turns the account to their use',
  owasp: ['API2:2023'],
  supports: ({ surface }) => surface.afterTakeover !== undefined,
  *play(attack) {
    const { world, stream, app } = attack
    const victims = attack.victims(attack.by({ loud: 4, medium: 2, stealthy: 1 }))
    const device = attack.device()
    for (const victim of victims) {
      const client = attack.outsider(
        device,
        attack.by({
          loud: attack.network(),
          medium: attack.network(),
          stealthy: world.networks.residential(stream),
        }),
      )
      const { accounts } = world
      const login = (secret: string) => ({
        method: 'POST',
        path: world.at(accounts.paths.login),
        body: { [accounts.loginName]: victim.account.email, password: secret },
      })
      for (let wrong = attack.by({ loud: 6, medium: 2, stealthy: 0 }); wrong > 0; wrong -= 1) {
        yield* attack.act(client, login(password(stream)))
        yield* attack.pause({ loud: 1_500, medium: 15_000, stealthy: 60_000 })
      }
      const answer = yield* attack.act(client, login(victim.password))
      if (!answer.ok) continue
      client.keep(answer, victim.account.id)
      // Where a code is asked for they have nothing.
      if (client.held === undefined) continue
      yield stream.between(3_000, 40_000)
      for (const ask of app.surface.afterTakeover?.(client, stream) ?? []) {
        yield* attack.act(client, ask)
        yield* attack.pause({ loud: 1_200, medium: 20_000, stealthy: 4 * 60_000 })
      }
    }
  },
})
