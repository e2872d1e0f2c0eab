import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'token-concurrent',
  title: 'a token is used by its owner and by somebody else at the same time',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { stream } = attack
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (stolen === undefined) return
    const thief = attack.outsider()
    thief.held = stolen.held
    // The owner goes on with what they do.
    attack.beside(attack.app.surface.browse(stolen.visit))
    for (let left = attack.count({ loud: 80, medium: 20, stealthy: 5 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 400, medium: 9_000, stealthy: 60_000 })
    }
  },
})
