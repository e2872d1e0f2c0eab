import { defineAttack } from '../world/attack.ts'
import { anyMailAddress, familyName, givenName } from '../world/names.ts'

export default defineAttack({
  id: 'account-creation',
  title: 'accounts are made by a program',
  owasp: ['API6:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream } = attack
    const { accounts } = world
    const device = attack.device()
    const one = attack.network()
    for (let left = attack.count({ loud: 70, medium: 25, stealthy: 10 }); left > 0; left -= 1) {
      const client = attack.client(device, attack.level === 'stealthy' ? attack.network() : one)
      const name = `${givenName(stream)} ${familyName(stream)}`
      yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.register),
        body: {
          [accounts.loginName]: anyMailAddress(stream),
          password: stream.token(12),
          name,
          phone: '',
        },
      })
      yield* attack.pause({ loud: 900, medium: 90_000, stealthy: 90 * 60_000 })
    }
  },
})
