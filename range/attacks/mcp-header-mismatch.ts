import { defineAttack } from '../world/attack.ts'

/** What stands in the way reads the header; what runs is in the body. */
export default defineAttack({
  id: 'mcp-header-mismatch',
  title: 'a header names a harmless tool, the body another one',
  owasp: ['API5:2023', 'MCP07:2025'],
  supports: ({ surface }) => surface.agents?.headers === true,
  *play(attack) {
    const { app, stream } = attack
    const { agents } = app.surface
    const { person, client } = attack.insider()
    if (agents === undefined || !(yield* attack.signIn(client, person))) return
    const hidden = agents.unusual.filter(({ tool }) => tool === 'run_query')
    for (let left = attack.count({ loud: 50, medium: 14, stealthy: 4 }); left > 0; left -= 1) {
      const session = yield* agents.begin(
        (device, network) => attack.client(device, network),
        client,
        stream.fork(left),
      )
      if (session === undefined) return
      if (attack.level === 'stealthy') yield* session.usual()
      const use = stream.pick(hidden)
      yield* attack.act(
        session.client,
        session.call(use.tool, use.args(stream), stream.pick(['search_mail', 'list_files', 'read_file'])),
      )
      yield* attack.pause({ loud: 800, medium: 60_000, stealthy: 4 * 3_600_000 })
    }
  },
})
