import { defineAttack } from '../world/attack.ts'
import { password } from '../world/names.ts'

/** The owner grew suspicious and chose a new password, which ends all other sessions. */
export default defineAttack({
  id: 'token-replay-revoked',
  title: 'a stolen token is used after its owner changed the password',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream } = attack
    const { accounts } = world
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (victim === undefined || stolen === undefined) return
    yield stream.between(30_000, 5 * 60_000)
    const { client: second } = attack.as(victim)
    if (!(yield* attack.signIn(second, victim))) return
    const fresh = password(stream)
    const changed = yield* second.send({
      method: 'POST',
      path: world.at(accounts.paths.password),
      body: { currentPassword: victim.password, newPassword: fresh },
    })
    if (!changed.ok) return
    victim.password = fresh
    yield stream.between(20_000, 3 * 60_000)
    const thief = attack.outsider()
    thief.held = stolen.held
    for (let left = attack.count({ loud: 50, medium: 12, stealthy: 4 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 3 * 60_000 })
    }
  },
})
