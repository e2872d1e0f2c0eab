import type { Json } from '../call/content.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'
import { type Place, rootPlace } from './fields.ts'
import type { Observation } from './observation.ts'

/** What is known of one field of an endpoint's requests or answers. Plain data. */
export interface FieldRecord {
  /** Bits of `typeBit`: the types its values had. */
  types: number
  /** Messages it was in. */
  seen: number
  /** Hashes of the principals it came from (or went to), the first few. */
  readonly by: number[]
  /** Settled history knows it. */
  settled: boolean
}

/** What is known of one side of an endpoint. */
export interface SideRecord {
  /** Successful messages with a body. */
  messages: number
  /** Hashes of their principals, the first few. */
  readonly by: number[]
  /** Hash of the field's path → what is known of it. */
  readonly fields: Map<number, FieldRecord>
  /** Fields that found no room. */
  skipped: number
}

export interface FieldUseOptions {
  /** Endpoints remembered; the longest unused is forgotten. */
  readonly endpoints: number
  /** Fields of one side of an endpoint; further ones are counted and not told apart. */
  readonly fields: number
  /** Principals told apart for each field and side. */
  readonly principals: number
}

export const defaultFieldUseOptions: FieldUseOptions = { endpoints: 20_000, fields: 200, principals: 8 }

/** One bit for the type of a value; 0 for null, which any field may be. */
export function typeBit(value: Json): number {
  if (typeof value === 'string') return 1
  if (typeof value === 'number') return 2
  if (typeof value === 'boolean') return 4
  if (value === null) return 0
  return Array.isArray(value) ? 16 : 8
}

const none: readonly never[] = []
const deepest = 6
const mostFields = 200
const mostElements = 3

/** A field of a body, objects and lists too. */
export interface Field {
  /** Its `key` is the field's name. */
  readonly place: Place
  readonly value: Json
  /** The object it is in. */
  readonly beside: { readonly [key: string]: Json }
}

/** What was read last: several look at the same two bodies, one after the other. */
const read: { value: Json | undefined; fields: readonly Field[] }[] = [
  { value: undefined, fields: [] },
  { value: undefined, fields: [] },
]
let turn = 0

/** The fields of a body, in its order: at most 6 levels, 200 fields and the first three elements of a list. */
export function fieldsOf(body: Json): readonly Field[] {
  if (body === null || typeof body !== 'object') return none
  for (const one of read) if (one.value === body) return one.fields
  const fields: Field[] = []
  let left = mostFields
  const walk = (node: Json, place: ReturnType<typeof rootPlace>, depth: number): void => {
    if (node === null || typeof node !== 'object' || depth === 0) return
    if (Array.isArray(node)) {
      const list = node as readonly Json[]
      const end = Math.min(list.length, mostElements)
      for (let index = 0; index < end; index += 1) walk(list[index] ?? null, place.elements(), depth - 1)
      return
    }
    const object = node as { readonly [key: string]: Json }
    for (const name in object) {
      left -= 1
      if (left < 0) return
      const value = object[name]
      if (value === undefined || name.length > 128) continue
      const at = place.field(name)
      fields.push({ place: at, value, beside: object })
      walk(value, at, depth - 1)
    }
  }
  walk(body, rootPlace(), deepest)
  turn = 1 - turn
  read[turn] = { value: body, fields }
  return fields
}

/** Visits `fieldsOf` a body: path (`items[].card`), value, name and the fields beside it. */
export function eachField(
  body: Json,
  visit: (path: string, value: Json, name: string, beside: { readonly [key: string]: Json }) => void,
): void {
  for (const { place, value, beside } of fieldsOf(body)) visit(place.path, value, place.key, beside)
}

/**
 * Which fields callers send to an endpoint and which they get from it, told apart by how many principals: learned from successful calls
 * only, one principal's word counts once.
 */
export class FieldUse {
  readonly #options: FieldUseOptions
  readonly #requests: BoundedMap<EndpointId, SideRecord>
  readonly #answers: BoundedMap<EndpointId, SideRecord>

  constructor(options: Partial<FieldUseOptions> = {}) {
    this.#options = { ...defaultFieldUseOptions, ...options }
    this.#requests = new BoundedMap(this.#options.endpoints)
    this.#answers = new BoundedMap(this.#options.endpoints)
  }

  observe(o: Observation): void {
    if (o.outcome !== 'success') return
    const { content } = o.call.request
    if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart')
      this.#learn(this.#requests, o, content.value)
    const answer = o.call.response?.content
    if (answer?.kind === 'json') this.#learn(this.#answers, o, answer.value)
  }

  request(endpoint: EndpointId): SideRecord | undefined {
    return this.#requests.peek(endpoint)
  }

  answer(endpoint: EndpointId): SideRecord | undefined {
    return this.#answers.peek(endpoint)
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const side of [this.#requests, this.#answers]) {
      const record = side.peek(from)
      if (record === undefined || from === to) continue
      side.delete(from)
      const mine = side.get(to)
      if (mine === undefined) side.set(to, record)
      else {
        mine.messages += record.messages
        for (const principal of record.by) this.#note(mine.by, principal)
        for (const [field, known] of record.fields) {
          const own = mine.fields.get(field)
          if (own === undefined) {
            if (mine.fields.size < this.#options.fields) mine.fields.set(field, known)
            continue
          }
          own.types |= known.types
          own.seen += known.seen
          own.settled ||= known.settled
          for (const principal of known.by) this.#note(own.by, principal)
        }
      }
    }
  }

  get size(): number {
    return this.#requests.size + this.#answers.size
  }

  save(): unknown {
    return [this.#requests, this.#answers]
  }

  load(saved: unknown): void {
    const [requests, answers] = saved as readonly [
      BoundedMap<EndpointId, SideRecord>,
      BoundedMap<EndpointId, SideRecord>,
    ]
    this.#requests.adopt(requests)
    this.#answers.adopt(answers)
  }

  #learn(side: BoundedMap<EndpointId, SideRecord>, o: Observation, body: Json): void {
    if (body === null || typeof body !== 'object') return
    const record = side.ensure(o.match.endpoint, () => ({
      messages: 0,
      by: [],
      fields: new Map(),
      skipped: 0,
    }))
    record.messages += 1
    const principal = hash32(o.identity.principal)
    this.#note(record.by, principal)
    for (const { place, value } of fieldsOf(body)) {
      let field = record.fields.get(place.mark)
      if (field === undefined) {
        if (record.fields.size >= this.#options.fields) {
          record.skipped += 1
          continue
        }
        field = { types: 0, seen: 0, by: [], settled: false }
        record.fields.set(place.mark, field)
      }
      field.types |= typeBit(value)
      field.seen += 1
      field.settled ||= o.learning
      this.#note(field.by, principal)
    }
  }

  #note(principals: number[], principal: number): void {
    if (principals.length < this.#options.principals && !principals.includes(principal))
      principals.push(principal)
  }
}

/** Principals other than the caller who used a field. */
export function othersWho(field: FieldRecord | SideRecord | undefined, o: Observation): number {
  const own = hash32(o.identity.principal)
  return (field?.by ?? none).filter(principal => principal !== own).length
}

/** What is known of the field at a path. */
export const fieldAt = (side: SideRecord | undefined, path: string): FieldRecord | undefined =>
  side?.fields.get(hash32(path))
