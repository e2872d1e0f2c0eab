import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'token-replay-expired',
  title: 'a stolen token is used long after it ran out',
  owasp: ['API2:2023'],
  supports: ({ crowd }) => crowd.world.style.token !== 'cookie',
  *play(attack) {
    const { world, stream } = attack
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (stolen === undefined) return
    yield world.style.tokenMinutes * 60_000 + stream.between(20 * 60_000, 5 * 3_600_000)
    const thief = attack.outsider()
    thief.held = stolen.held
    for (let left = attack.count({ loud: 60, medium: 15, stealthy: 5 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 400, medium: 30_000, stealthy: 40 * 60_000 })
    }
  },
})
