import { defineAttack } from '../world/attack.ts'
import { browser } from '../world/device.ts'

/** A copy of the session in a browser like the owner's, on another continent, minutes later. */
export default defineAttack({
  id: 'impossible-travel',
  title: 'a session goes on from another continent within minutes',
  owasp: ['API2:2023'],
  supports: ({ crowd }) => crowd.world.style.edge !== 'none',
  *play(attack) {
    const { world, stream } = attack
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (stolen === undefined) return
    yield stream.between(60_000, 12 * 60_000)
    const device = attack.level === 'loud' ? attack.device() : browser(stream, `${attack.id}/copy`)
    const thief = attack.outsider(device, world.networks.abroad(stream))
    thief.held = stolen.held
    for (let left = attack.count({ loud: 50, medium: 12, stealthy: 4 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 500, medium: 15_000, stealthy: 90_000 })
    }
  },
})
