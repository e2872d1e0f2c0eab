import { defineAttack } from '../world/attack.ts'
import { commonPasswords } from '../world/names.ts'

export default defineAttack({
  id: 'password-spraying',
  title: 'one common password tried at many accounts',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const { accounts } = world
    const client = attack.outsider()
    const people = stream.some(app.ordinary(), attack.count({ loud: 110, medium: 60, stealthy: 30 }))
    for (const secret of stream.some(commonPasswords, attack.by({ loud: 2, medium: 1, stealthy: 1 }))) {
      for (const { account } of people) {
        yield* attack.act(client, {
          method: 'POST',
          path: world.at(accounts.paths.login),
          body: { [accounts.loginName]: account.email, password: secret },
        })
        yield* attack.pause({ loud: 500, medium: 15_000, stealthy: 14 * 60_000 })
      }
    }
  },
})
