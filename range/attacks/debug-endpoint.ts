import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'debug-endpoint',
  title: 'an endpoint for developers that was left open is found and read',
  owasp: ['API8:2023', 'API9:2023'],
  supports: ({ crowd }) => crowd.world.debugPath !== undefined,
  *play(attack) {
    const { world, stream } = attack
    const { debugPath } = world
    const client = attack.outsider()
    if (debugPath === undefined) return
    for (let left = attack.count({ loud: 40, medium: 10, stealthy: 3 }); left > 0; left -= 1) {
      const near = stream.pick(['/actuator', '/debug', '/env', '/_internal', '/trace'])
      yield* attack.act(client, { method: 'GET', path: world.at(stream.chance(0.6) ? debugPath : near) })
      yield* attack.pause({ loud: 500, medium: 20_000, stealthy: 3 * 3_600_000 })
    }
  },
})
