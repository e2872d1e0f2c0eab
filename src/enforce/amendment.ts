import { inflate, isCoded } from '../call/decode/inflate.ts'
import type { RawBody } from '../call/raw-exchange.ts'
import { bodyCheckBounds, checkBody } from '../policy/body-schema.ts'
import type { EndpointAbout } from '../policy/endpoint-about.ts'
import type { MaskAction, StripAction } from '../policy/facts.ts'
import { fieldSteps, parsePointer } from '../policy/json-pointer.ts'
import { editJson, type JsonEdit } from './json-editor.ts'

/** The message that is decided on, as far as changing it needs. */
export interface Message {
  readonly body: RawBody | undefined
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly about: EndpointAbout | undefined
}

/** Bytes a compressed body may inflate to. */
const maxInflated = 4 << 20

const header = ({ headers }: Message, name: string): string | undefined =>
  headers.find(([key]) => key.length === name.length && key.toLowerCase() === name)?.[1]

/**
 * The body's text; undefined where it cannot be changed: it is cut off, in a coding or characters that are not read, or no JSON by its
 * type. Empty where there is none.
 */
function textOf(message: Message): string | undefined {
  const { body } = message
  if (body === undefined || body.size === 0) return ''
  if (body.truncated || body.bytes.length < body.size) return undefined
  const type = header(message, 'content-type') ?? 'application/json'
  if (!/^application\/(?:[\w.+-]{0,64}\+)?json\s*(?:;|$)/i.test(type)) return undefined
  let bytes: Uint8Array = body.bytes
  const coding = header(message, 'content-encoding')
  if (isCoded(coding)) {
    const inflated = inflate(bytes, coding, maxInflated)
    if (!inflated.ok) return undefined
    bytes = inflated.bytes
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const pointersOf = (fields: readonly string[], does: JsonEdit['does']): JsonEdit[] =>
  fields.flatMap(field => {
    const steps = parsePointer(field)
    return steps === undefined ? [] : [{ steps, does }]
  })

/** The places a policy changes in this message; none where it is about schemas or classes of which nothing is known here. */
function editsOf(action: MaskAction | StripAction, text: string, { about }: Message): readonly JsonEdit[] {
  if (action.type === 'mask') {
    const classed = (about?.answerFields ?? []).filter(({ classes }) =>
      classes.some(one => action.dataClasses.includes(one)),
    )
    return [
      ...pointersOf(action.fields, 'mask'),
      ...classed.map(({ field }) => ({ steps: fieldSteps(field), does: 'mask' as const })),
    ]
  }
  const edits = pointersOf(action.fields, 'remove')
  const schema = about?.requestSchema
  if (schema !== undefined && (action.unknown || action.readOnly))
    for (const { kind, steps } of checkBody(JSON.parse(text), schema, { most: bodyCheckBounds.places })) {
      if (kind === 'size') throw new RangeError('what cannot be looked at cannot be taken out')
      if ((kind === 'unknown' && action.unknown) || (kind === 'read-only' && action.readOnly))
        edits.push({ steps, does: 'remove' })
    }
  return edits
}

/** What became of a message: `unchanged` where nothing of what is meant is in it, `unreadable` where that cannot be told. */
export type Amendment = { readonly body: Uint8Array } | 'unchanged' | 'unreadable'

/** Carries out what policies would change in the body, all at once. Never throws. */
export function amendBody(message: Message, actions: readonly (MaskAction | StripAction)[]): Amendment {
  const text = textOf(message)
  if (text === undefined) return 'unreadable'
  if (text.trim() === '') return 'unchanged'
  try {
    const edited = editJson(
      text,
      actions.flatMap(action => editsOf(action, text, message)),
    )
    if (edited === undefined) return 'unreadable'
    return edited.changed === 0 ? 'unchanged' : { body: new TextEncoder().encode(edited.text) }
  } catch {
    return 'unreadable'
  }
}
