import { defineAttack } from '../world/attack.ts'
import { anyMailAddress, password } from '../world/names.ts'

/** A list of names and passwords of other sites: most names are unknown here, a few passwords fit. */
export default defineAttack({
  id: 'credential-stuffing',
  title: 'leaked pairs of name and password tried from one place',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const { accounts } = world
    const client = attack.outsider()
    const known = stream.some(app.ordinary(), attack.count({ loud: 90, medium: 40, stealthy: 16 }))
    const right = new Set(stream.some(known, 2))
    const unknown = known.map(() => anyMailAddress(stream))
    const tries = stream.shuffled([
      ...known.map(
        person => [person.account.email, right.has(person) ? person.password : password(stream)] as const,
      ),
      ...unknown.map(email => [email, password(stream)] as const),
    ])
    for (const [email, secret] of tries) {
      yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.login),
        body: { [accounts.loginName]: email, password: secret },
      })
      yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 12 * 60_000 })
    }
  },
})
