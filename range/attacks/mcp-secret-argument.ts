import { defineAttack } from '../world/attack.ts'
import { prose, word } from '../world/names.ts'
import type { Stream } from '../world/stream.ts'

/** The forms that credentials have where they are made (prefixes and lengths as their issuers document them). */
const secret = (stream: Stream): string =>
  stream.pick([
    () => `AKIA${stream.token(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    () => `ghp_${stream.token(36)}`,
    () => `sk-proj-${stream.token(48)}`,
    () => `xoxb-${stream.digits(12)}-${stream.digits(12)}-${stream.token(24)}`,
    () => `sk_live_${stream.token(24)}`,
    () => `postgres://app:${stream.token(18)}@db.internal:5432/orders`,
    () => `-----BEGIN PRIVATE KEY-----\n${stream.token(64)}\n-----END PRIVATE KEY-----`,
    () =>
      `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from(`{"sub":"${stream.int(1, 9_999)}"}`).toString('base64url')}.${stream.token(43)}`,
  ])()

export default defineAttack({
  id: 'mcp-secret-argument',
  title: 'an agent hands credentials to a tool that has no use for them',
  owasp: ['MCP01:2025', 'LLM02:2025'],
  supports: ({ surface }) => (surface.agents?.texts.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const { agents } = app.surface
    const { person, client } = attack.insider()
    if (agents === undefined || !(yield* attack.signIn(client, person))) return
    for (let left = attack.count({ loud: 24, medium: 8, stealthy: 2 }); left > 0; left -= 1) {
      const session = yield* agents.begin(
        (device, network) => attack.client(device, network),
        client,
        stream.fork(left),
      )
      if (session === undefined) return
      if (attack.level !== 'loud') yield* session.usual()
      const { tool, args } = stream.pick(agents.texts)
      const text = stream.pick([
        () => secret(stream),
        () => `${prose(stream, stream.int(4, 12))} ${secret(stream)}`,
        () => `${word(stream)}: ${secret(stream)}\n${prose(stream, stream.int(3, 20))}`,
      ])()
      yield* session.meet(tool)
      // Whatever is answered: it is out.
      yield* attack.act(session.client, session.call(tool, args(text, stream)), () => true)
      yield* attack.pause({ loud: 1_500, medium: 8 * 60_000, stealthy: 10 * 3_600_000 })
    }
  },
})
