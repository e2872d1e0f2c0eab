import { type AttackDefinition, defineAttack } from './attack.ts'
import { anyCase, type Rules, sentence } from './grammar.ts'
import { word } from './names.ts'
import type { Stream } from './stream.ts'

export interface PayloadKind {
  readonly id: string
  readonly title: string
  readonly owasp: readonly string[]
  /** Which inputs it fits into. */
  readonly inputs: readonly ('text' | 'url' | 'path' | 'json' | 'xml')[]
  /** What such payloads look like: a grammar, so that no two attackers write the same. */
  readonly rules: Rules
  /** The language does not care for case. */
  readonly anyCase?: boolean
  /** Works with something ordinary before it. */
  readonly follows?: boolean
}

/** An attack that puts payloads into an application's inputs: by a tool, by hand, or one at a time amid ordinary use. */
export const definePayload = (kind: PayloadKind): AttackDefinition =>
  defineAttack({
    id: kind.id,
    title: kind.title,
    owasp: kind.owasp,
    supports: ({ surface }) => surface.inputs?.some(input => kind.inputs.includes(input.kind)) === true,
    *play(attack) {
      const { app, stream } = attack
      const member = yield* attack.member()
      if (member === undefined) return
      const { client, visit } = member
      const inputs = (app.surface.inputs ?? []).filter(input => kind.inputs.includes(input.kind))
      for (let left = attack.count({ loud: 60, medium: 18, stealthy: 5 }); left > 0; left -= 1) {
        if (attack.level === 'stealthy') yield* attack.blend(visit)
        const input = stream.pick(inputs)
        const value = written(stream, kind)
        yield* attack.act(client, input.ask(value, client), answer => input.worked?.(answer) === true)
        yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 90 * 60_000 })
      }
    },
  })

/** People change what everybody filters: case, what stands before it. */
function written(stream: Stream, kind: PayloadKind): string {
  const text = sentence(stream, kind.rules)
  const cased = kind.anyCase === true && stream.chance(0.25) ? anyCase(stream, text) : text
  return kind.follows === true && stream.chance(0.3)
    ? `${stream.pick([word(stream), stream.digits(1), stream.token(3)])}${cased}`
    : cased
}
