import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'token-replay-logout',
  title: 'a token is used after its owner signed out',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream } = attack
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (stolen === undefined) return
    yield* stolen.owner.send({ method: 'POST', path: world.at(world.accounts.paths.logout) })
    yield stream.between(20_000, 4 * 60_000)
    const thief = attack.outsider()
    thief.held = stolen.held
    for (let left = attack.count({ loud: 60, medium: 15, stealthy: 4 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      // Within the life of the token.
      yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 3 * 60_000 })
    }
  },
})
