import type { Content, Json } from './content.ts'
import { type FieldReader, InvalidField, isRecord, type JsonRecord } from './field-reader.ts'

/**
 * A decoded body as fields of an event line: `content` names the kind; `body` is JSON for the structured kinds and the text otherwise;
 * `contentReason` and `contentNote` where there is one.
 */
export function sealedContentFields(content: Content): JsonRecord {
  switch (content.kind) {
    case 'empty':
    case 'binary':
      return { content: content.kind }
    case 'malformed':
      return { body: content.text, content: 'malformed', contentReason: content.reason }
    case 'text':
      return { body: content.text, content: 'text', contentNote: content.note }
    default:
      return { body: JSON.stringify(content.value), content: content.kind, contentNote: content.note }
  }
}

/** The content of a message whose `content` names its kind; undefined where there is none. */
export function readSealedContent(message: FieldReader): Content | undefined {
  const kind = message.text('content')
  const reason = message.text('contentReason')
  const note = message.text('contentNote')
  if (kind === undefined) return undefined
  if (kind === 'empty' || kind === 'binary') return { kind }
  const body = message.peekText('body') ?? ''
  const noted = note === undefined ? {} : { note }
  if (kind === 'text') return { kind, text: body, ...noted }
  if (kind === 'malformed') return { kind, reason: reason ?? 'malformed', text: body }
  if (kind !== 'json' && kind !== 'form' && kind !== 'multipart')
    throw new InvalidField(`\`${message.path}.content\` is no known kind.`)
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new InvalidField(`\`${message.path}.body\` is not JSON although \`content\` says ${kind}.`)
  }
  if (kind === 'json') return { kind, value: value as Json, ...noted }
  if (!isRecord(value))
    throw new InvalidField(`\`${message.path}.body\` is not an object although \`content\` says ${kind}.`)
  return { kind, value: value as { [key: string]: Json }, ...noted }
}
