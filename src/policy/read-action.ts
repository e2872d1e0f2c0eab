import { isSeq, type Node, type ParsedNode } from 'yaml'
import type { SourcePosition, WrittenExpression } from './document.ts'
import { parseDuration } from './duration.ts'
import { actionTypes, type PolicyAction } from './facts.ts'
import { parsePointer } from './json-pointer.ts'
import type { NodeReader } from './node-reader.ts'

/** Shortest and longest quarantine: a minute and thirty days, in seconds. */
export const quarantineBounds = { least: 60, most: 30 * 86_400 } as const
/** Leading zero bits of a proof of work: a thousand hashes to sixteen million. */
export const difficultyBounds = { least: 8, most: 24 } as const

/** An action with its expressions and where they stand. */
export interface ReadAction {
  readonly action: PolicyAction
  readonly key?: WrittenExpression
  readonly cost?: WrittenExpression
  /** Where each of its `fields` stands. */
  readonly fields?: readonly SourcePosition[]
}

/** What an action takes besides its type. */
const actionKeys: Readonly<Record<PolicyAction['type'], readonly string[]>> = {
  allow: ['policies'],
  quarantine: ['target', 'ttl'],
  block: ['status', 'cloak'],
  challenge: ['kind', 'acrValues', 'maxAge', 'difficulty', 'ttl'],
  throttle: ['requests', 'budget', 'windowSeconds', 'key', 'cost'],
  strip: ['unknown', 'readOnly', 'fields'],
  mask: ['fields', 'dataClasses'],
  tag: ['header', 'value'],
  observe: [],
}

/** Headers that decide where a message goes, how it is framed or who its caller is; not for a policy to write. */
const fixedHeaders = new Set(
  (
    'host connection keep-alive proxy-connection transfer-encoding content-length content-encoding te trailer upgrade ' +
    'authorization proxy-authorization cookie set-cookie expect'
  ).split(' '),
)

/** @param expression reads an expression and where it stands */
export function readAction(
  reader: NodeReader,
  node: ParsedNode | null,
  key: Node,
  expression: (value: ParsedNode | null, what: string, key: Node) => WrittenExpression | undefined,
): ReadAction | undefined {
  const fields = new ActionFields(reader, node, key)
  const { type } = fields
  if (type === undefined) return undefined
  switch (type) {
    case 'observe':
      return { action: { type } }
    case 'allow': {
      const policies = fields.texts('policies')
      return { action: { type, ...(policies === undefined ? {} : { policies }) } }
    }
    case 'block':
      return readBlock(fields)
    case 'quarantine':
      return readQuarantine(fields)
    case 'challenge':
      return readChallenge(fields)
    case 'tag':
      return readTag(fields)
    case 'mask': {
      const pointers = fields.pointers('fields')
      const dataClasses = fields.texts('dataClasses')
      if (pointers === undefined && dataClasses === undefined)
        return fields.refuse('mask needs "fields" or "dataClasses".', 'Write fields: ["/card/number"].')
      return {
        action: { type, fields: pointers ?? [], dataClasses: dataClasses ?? [] },
        fields: fields.positions('fields'),
      }
    }
    case 'strip': {
      const pointers = fields.pointers('fields') ?? []
      const [unknown, readOnly] = [fields.flag('unknown'), fields.flag('readOnly')]
      if (!unknown && !readOnly && pointers.length === 0)
        return fields.refuse('strip needs "unknown", "readOnly" or "fields".', 'Write unknown: true.')
      return { action: { type, unknown, readOnly, fields: pointers }, fields: fields.positions('fields') }
    }
    case 'throttle': {
      const budget = fields.has('budget')
      if (budget === fields.has('requests'))
        return fields.refuse(
          'throttle needs one of "requests" and "budget".',
          'Write requests: 100, or budget: 50000 with a cost.',
        )
      const requests = budget
        ? fields.number('budget', 0.001, 1e12)
        : fields.integer('requests', 1, 1_000_000)
      const windowSeconds = fields.integer('windowSeconds', 1, 2_592_000)
      const [byKey, cost] = [fields.expression('key', expression), fields.expression('cost', expression)]
      if (requests === undefined || windowSeconds === undefined) return undefined
      return {
        action: {
          type,
          requests,
          windowSeconds,
          ...(byKey === undefined ? {} : { key: byKey.text }),
          ...(cost === undefined ? {} : { cost: cost.text }),
        },
        ...(byKey === undefined ? {} : { key: byKey }),
        ...(cost === undefined ? {} : { cost }),
      }
    }
  }
}

function readBlock(fields: ActionFields): ReadAction | undefined {
  if (fields.has('cloak')) {
    const status = fields.integer('cloak', 404, 404)
    if (fields.has('status')) return fields.refuse('A cloak is the status.', 'Leave one of the two out.')
    return status === undefined ? undefined : { action: { type: 'block', status, cloak: true } }
  }
  if (!fields.has('status')) return { action: { type: 'block', status: 403 } }
  const status = fields.integer('status', 400, 599)
  if (status === undefined) return undefined
  if (status > 499 && status !== 503)
    return fields.refuse(`A block cannot answer ${status}.`, 'Use a 4xx status or 503.', 'status')
  return { action: { type: 'block', status } }
}

function readQuarantine(fields: ActionFields): ReadAction | undefined {
  const target = fields.oneOf('target', ['principal', 'token', 'device'] as const, 'principal')
  const { least, most } = quarantineBounds
  const ttlSeconds = fields.duration('ttl', '1h', least, most, 'Write a duration from 1m to 30d, e.g. 15m.')
  return target === undefined || ttlSeconds === undefined
    ? undefined
    : { action: { type: 'quarantine', target, ttlSeconds } }
}

function readChallenge(fields: ActionFields): ReadAction | undefined {
  const kind = fields.oneOf('kind', ['step-up', 'proof-of-work'] as const, 'step-up')
  if (kind === undefined) return undefined
  if (kind === 'proof-of-work') {
    const { least, most } = difficultyBounds
    const difficulty = fields.has('difficulty') ? fields.integer('difficulty', least, most) : 16
    const ttlSeconds = fields.duration('ttl', '10m', 10, 86_400, 'Write a duration from 10s to 1d, e.g. 10m.')
    for (const name of ['acrValues', 'maxAge'])
      if (fields.has(name)) fields.refuse(`A proof of work has no "${name}".`, 'Leave it out.', name)
    return difficulty === undefined || ttlSeconds === undefined
      ? undefined
      : { action: { type: 'challenge', kind, difficulty, ttlSeconds } }
  }
  const acrValues = fields.texts('acrValues') ?? []
  const maxAge = fields.has('maxAge') ? fields.integer('maxAge', 0, 31_536_000) : undefined
  for (const value of acrValues)
    if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(value))
      fields.refuse(
        `"${value}" is no authentication context.`,
        'Use printable text without spaces and quotes.',
        'acrValues',
      )
  if (acrValues.length === 0 && maxAge === undefined)
    return fields.refuse('step-up needs "acrValues" or "maxAge".', 'Write acrValues: [mfa], or maxAge: 300.')
  return { action: { type: 'challenge', kind, acrValues, ...(maxAge === undefined ? {} : { maxAge }) } }
}

function readTag(fields: ActionFields): ReadAction | undefined {
  if (!fields.has('header')) {
    if (fields.has('value'))
      return fields.refuse('A value needs a "header".', 'Write header: x-risk.', 'value')
    return { action: { type: 'tag' } }
  }
  const header = fields.text('header')?.toLowerCase()
  const value = fields.has('value') ? fields.text('value') : 'true'
  if (header === undefined || value === undefined) return undefined
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(header) || fixedHeaders.has(header))
    return fields.refuse(
      `"${header}" is no header that a policy may set.`,
      'Use a name such as x-risk.',
      'header',
    )
  if (!/^[\x20-\x7e]{0,256}$/.test(value))
    return fields.refuse(
      'The value is no header value.',
      'Use printable ASCII, at most 256 characters.',
      'value',
    )
  return { action: { type: 'tag', header, value } }
}

/** The entries of one action. What is wrong is told, and undefined given. */
class ActionFields {
  readonly type: PolicyAction['type'] | undefined
  readonly #reader: NodeReader
  readonly #at: Node
  readonly #entries: ReturnType<NodeReader['entries']>

  constructor(reader: NodeReader, node: ParsedNode | null, key: Node) {
    this.#reader = reader
    this.#at = node ?? key
    this.#entries = reader.entries(
      node,
      'action',
      ['type', ...new Set(Object.values(actionKeys).flat())],
      key,
    )
    const typeEntry = this.#entries.get('type')
    if (typeEntry === undefined)
      reader.error('action has no "type".', this.#at, `It is one of ${actionTypes.join(', ')}.`)
    else this.type = reader.oneOf(typeEntry.value, 'action.type', actionTypes)
    const { type } = this
    if (type === undefined) return
    const keys = ['type', ...actionKeys[type]]
    for (const [name, entry] of this.#entries)
      if (!keys.includes(name))
        reader.error(`The action ${type} has no "${name}".`, entry.key, `It takes ${keys.join(', ')}.`)
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  refuse(message: string, mend: string, name?: string): undefined {
    return this.#reader.error(message, this.#entries.get(name ?? '')?.value ?? this.#at, mend)
  }

  /** The entry's value; a missing one is told. */
  #value(name: string): { readonly value: ParsedNode | null; readonly key: Node } | undefined {
    return this.#entries.get(name) ?? this.#reader.error(`The action ${this.type} needs "${name}".`, this.#at)
  }

  integer(name: string, least: number, most: number): number | undefined {
    const entry = this.#value(name)
    return entry && this.#reader.integer(entry.value, `action.${name}`, least, most)
  }

  number(name: string, least: number, most: number): number | undefined {
    const entry = this.#value(name)
    return entry && this.#reader.number(entry.value, `action.${name}`, least, most)
  }

  text(name: string): string | undefined {
    const entry = this.#value(name)
    return entry && this.#reader.text(entry.value, `action.${name}`, entry.key)
  }

  flag(name: string): boolean {
    const entry = this.#entries.get(name)
    return entry === undefined ? false : (this.#reader.flag(entry.value, `action.${name}`) ?? false)
  }

  texts(name: string): readonly string[] | undefined {
    const entry = this.#entries.get(name)
    return entry && this.#reader.texts(entry.value, `action.${name}`)
  }

  pointers(name: string): readonly string[] | undefined {
    const texts = this.texts(name)
    for (const text of texts ?? [])
      if (parsePointer(text) === undefined)
        this.refuse(
          `"${text}" is no JSON pointer.`,
          'Write "/card/number", with * for any element or member.',
          name,
        )
    return texts
  }

  /** Where each entry of a list stands. */
  positions(name: string): readonly SourcePosition[] {
    const list = this.#entries.get(name)?.value
    return isSeq(list) ? list.items.map(item => this.#reader.position(item as Node)) : []
  }

  oneOf<Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: Choice,
  ): Choice | undefined {
    const entry = this.#entries.get(name)
    return entry === undefined ? fallback : this.#reader.oneOf(entry.value, `action.${name}`, choices)
  }

  duration(name: string, fallback: string, least: number, most: number, mend: string): number | undefined {
    const entry = this.#entries.get(name)
    const text = entry === undefined ? fallback : this.#reader.text(entry.value, `action.${name}`, entry.key)
    if (text === undefined) return undefined
    const seconds = parseDuration(text)
    if (seconds === undefined || seconds < least || seconds > most)
      return this.refuse(`action.${name} is "${text}".`, mend, name)
    return seconds
  }

  expression(
    name: string,
    read: (value: ParsedNode | null, what: string, key: Node) => WrittenExpression | undefined,
  ): WrittenExpression | undefined {
    const entry = this.#entries.get(name)
    return entry && read(entry.value, `action.${name}`, entry.key)
  }
}
