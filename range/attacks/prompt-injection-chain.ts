import { defineAttack } from '../world/attack.ts'
import { dropAddress, hiddenIn, orderToModel } from '../world/persuasion.ts'

/** Somebody outside writes a mail; the agent reads it for its user, and does what it says. */
export default defineAttack({
  id: 'prompt-injection-chain',
  title: 'an agent follows orders in what it read and gives data away',
  owasp: ['LLM01:2025', 'MCP06:2025'],
  supports: ({ surface }) => surface.agents !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { agents } = app.surface
    if (agents === undefined) return
    const address = dropAddress(stream)
    for (let left = attack.count({ loud: 16, medium: 6, stealthy: 2 }); left > 0; left -= 1) {
      const [victim] = attack.victims(1)
      if (victim === undefined) return
      const { client } = attack.as(victim)
      if (!(yield* attack.signIn(client, victim))) continue
      const session = yield* agents.begin(
        (device, network) => attack.client(device, network),
        client,
        stream.fork(left),
      )
      if (session === undefined) return
      if (attack.level === 'stealthy') yield* session.usual()
      const subtle = attack.by({ loud: false, medium: stream.chance(0.4), stealthy: true })
      const planted = agents.plant(
        victim.account.id,
        hiddenIn(stream, orderToModel(stream, subtle, address)),
        stream,
      )
      yield* session.meet(planted.tool)
      yield* attack.act(session.client, session.call(planted.tool, planted.args))
      // Deleted once it was read, so that it is nobody else's trouble.
      planted.remove()
      yield stream.between(1_500, 9_000)
      const followed = agents.follow(victim.account.id, address, stream)
      yield* session.meet(followed.tool)
      yield* attack.act(session.client, session.call(followed.tool, followed.args))
      yield* attack.pause({ loud: 20_000, medium: 40 * 60_000, stealthy: 12 * 3_600_000 })
    }
  },
})
