import { defineAttack } from '../world/attack.ts'
import { anyMailAddress } from '../world/names.ts'

export default defineAttack({
  id: 'user-enumeration',
  title: 'names are tried to learn who has an account',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const { accounts } = world
    const client = attack.outsider()
    const way = stream.pick(['login', 'forgot'] as const)
    const known = stream
      .some(app.ordinary(), attack.count({ loud: 60, medium: 25, stealthy: 9 }))
      .map(({ account }) => account.email)
    const unknown = Array.from({ length: known.length * 2 }, () => anyMailAddress(stream))
    for (const email of stream.shuffled([...known, ...unknown])) {
      const exists = accounts.byEmail(email) !== undefined
      yield* attack.act(
        client,
        {
          method: 'POST',
          path: world.at(accounts.paths[way]),
          body:
            way === 'login'
              ? { [accounts.loginName]: email, password: 'x1234567' }
              : { [accounts.loginName]: email },
        },
        // Something was learned where the application tells, of those who exist.
        () => accounts.weakness.tellsWhoExists && exists,
      )
      yield* attack.pause({ loud: 350, medium: 15_000, stealthy: 30 * 60_000 })
    }
  },
})
