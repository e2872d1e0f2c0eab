import { defineAttack } from '../world/attack.ts'
import { password } from '../world/names.ts'

export default defineAttack({
  id: 'brute-force',
  title: 'many passwords tried at one account',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream } = attack
    const { accounts } = world
    const [victim] = attack.victims(1)
    if (victim === undefined) return
    const client = attack.outsider()
    const tries = attack.count({ loud: 220, medium: 60, stealthy: 22 })
    const lucky = stream.chance(0.4) ? stream.int(Math.floor(tries / 2), tries - 1) : -1
    for (let index = 0; index < tries; index += 1) {
      yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.login),
        body: {
          [accounts.loginName]: victim.account.email,
          password: index === lucky ? victim.password : password(stream),
        },
      })
      yield* attack.pause({ loud: 350, medium: 12_000, stealthy: 25 * 60_000 })
    }
  },
})
