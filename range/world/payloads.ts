import { type AttackDefinition, defineAttack } from './attack.ts'
import type { Stream } from './stream.ts'

export interface PayloadKind {
  readonly id: string
  readonly title: string
  readonly owasp: readonly string[]
  /** Which inputs it fits into. */
  readonly inputs: readonly ('text' | 'url' | 'path' | 'json' | 'xml')[]
  /** `#` stands for something made up each time: a number, a host name. */
  readonly values: readonly string[]
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
        const value = varied(stream, stream.pick(kind.values), input.kind)
        yield* attack.act(client, input.ask(value, client), answer => input.worked?.(answer) === true)
        yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 90 * 60_000 })
      }
    },
  })

/** People change what everybody filters: case, blanks, comments, what stands before it. */
export function varied(stream: Stream, value: string, kind: string): string {
  const filled = value.replaceAll('#', () => stream.pick([stream.digits(3), stream.hex(6)]))
  if (kind === 'json' || kind === 'xml' || kind === 'url') return filled
  let text = filled
  if (stream.chance(0.3)) text = `${stream.pick(['lamp', 'tea', '7', 'x'])}${text}`
  if (stream.chance(0.25) && text.includes(' '))
    text = text.replaceAll(' ', stream.pick(['/**/', '\t', '  ']))
  if (stream.chance(0.25))
    text = [...text].map(letter => (stream.chance(0.5) ? letter.toUpperCase() : letter)).join('')
  return text
}
