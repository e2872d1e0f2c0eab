import { defineAttack } from '../world/attack.ts'
import { someProgram } from '../world/device.ts'

/** Malware on the owner's own computer: the address stays, the software does not. */
export default defineAttack({
  id: 'token-client-change',
  title: "a session goes on with other software behind its owner's address",
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { stream } = attack
    const [victim] = attack.victims(1)
    const stolen = victim === undefined ? undefined : yield* attack.steal(victim)
    if (stolen === undefined) return
    const thief = attack.client(someProgram(stream, `${attack.id}/program`), stolen.owner.network)
    thief.held = stolen.held
    for (let left = attack.count({ loud: 70, medium: 16, stealthy: 5 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(attack.usual()))
      yield* attack.pause({ loud: 400, medium: 15_000, stealthy: 2 * 60_000 })
    }
  },
})
