import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'agent-scope-creep',
  title: 'an agent takes up tools that it was never meant to use',
  owasp: ['API5:2023', 'LLM06:2025', 'MCP02:2025'],
  supports: ({ surface }) => surface.agents !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { agents } = app.surface
    const { person, client } = attack.insider()
    if (agents === undefined || !(yield* attack.signIn(client, person))) return
    for (let left = attack.count({ loud: 30, medium: 10, stealthy: 3 }); left > 0; left -= 1) {
      const session = yield* agents.begin(
        (device, network) => attack.client(device, network),
        client,
        stream.fork(left),
      )
      if (session === undefined) return
      if (attack.level !== 'loud') yield* session.usual()
      const use = stream.pick(agents.unusual)
      yield* session.meet(use.tool)
      yield* attack.act(session.client, session.call(use.tool, use.args(stream)))
      yield* attack.pause({ loud: 1_500, medium: 5 * 60_000, stealthy: 5 * 3_600_000 })
      if (client.held === undefined && !(yield* attack.signIn(client, person))) return
    }
  },
})
