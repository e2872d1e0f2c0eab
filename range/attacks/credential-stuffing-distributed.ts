import { defineAttack } from '../world/attack.ts'
import { anyMailAddress, password } from '../world/names.ts'

/** One tool behind many rented homes: each address tries once or twice. */
export default defineAttack({
  id: 'credential-stuffing-distributed',
  title: 'leaked pairs of name and password tried from many places',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const { accounts } = world
    const device = attack.device()
    const known = stream.some(app.ordinary(), attack.count({ loud: 100, medium: 50, stealthy: 20 }))
    const right = new Set(stream.some(known, 2))
    const tries = stream.shuffled([
      ...known.map(
        person => [person.account.email, right.has(person) ? person.password : password(stream)] as const,
      ),
      ...known.map(() => [anyMailAddress(stream), password(stream)] as const),
    ])
    for (const [email, secret] of tries) {
      const client = attack.client(device, world.networks.residential(stream))
      yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.login),
        body: { [accounts.loginName]: email, password: secret },
      })
      yield* attack.pause({ loud: 500, medium: 25_000, stealthy: 15 * 60_000 })
    }
  },
})
