import type { CallVerdict, DeclaredPrincipal, Destination, Peer, TraceRef } from './api-call.ts'
import type { Workload } from './workload.ts'

export type JsonRecord = { readonly [key: string]: unknown }

/** A field that is missing or of the wrong kind; the message is a sentence that names it. Only thrown and caught within parsing. */
export class InvalidField extends Error {}

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const workloadTexts = ['cluster', 'namespace', 'kind', 'name', 'serviceAccount', 'pod', 'version'] as const

/**
 * Reads the fields of one object, checks their kinds and remembers which were asked for: the rest is `extra`. `null` counts as
 * absent.
 */
export class FieldReader {
  /** Dotted path of the object within the line; empty at the top. */
  readonly path: string
  readonly #fields: JsonRecord
  /** Few: a list is searched as fast as a set, and made faster. */
  readonly #read: string[] = []
  readonly #children: FieldReader[] = []

  constructor(fields: JsonRecord, path = '') {
    this.#fields = fields
    this.path = path
  }

  #at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  #wrong(name: string, kind: string): InvalidField {
    return new InvalidField(`\`${this.#at(name)}\` must be ${kind}.`)
  }

  take(name: string): unknown {
    this.#read.push(name)
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
    return value === null ? undefined : value
  }

  skip(name: string): void {
    this.#read.push(name)
  }

  text(name: string): string | undefined {
    const value = this.take(name)
    if (value !== undefined && typeof value !== 'string') throw this.#wrong(name, 'a string')
    return value
  }

  /** The same, without counting it as read. */
  peekText(name: string): string | undefined {
    const value = this.#fields[name]
    return typeof value === 'string' ? value : undefined
  }

  number(name: string): number | undefined {
    const value = this.take(name)
    if (value !== undefined && (typeof value !== 'number' || !Number.isFinite(value)))
      throw this.#wrong(name, 'a number')
    return value as number | undefined
  }

  flag(name: string): boolean | undefined {
    const value = this.take(name)
    if (value !== undefined && typeof value !== 'boolean') throw this.#wrong(name, 'true or false')
    return value
  }

  /** A text or a number, as text. */
  id(name: string): string | undefined {
    const value = this.take(name)
    if (value === undefined || value === '') return undefined
    if (typeof value === 'number') return String(value)
    if (typeof value !== 'string') throw this.#wrong(name, 'a string')
    return value
  }

  /** RFC 3339 or epoch milliseconds, as the latter. */
  time(name: string): number {
    const value = this.take(name)
    if (value === undefined) throw new InvalidField(`\`${this.#at(name)}\` is missing.`)
    if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
    const time = typeof value === 'string' ? parseTime(value) : Number.NaN
    if (Number.isNaN(time)) throw this.#wrong(name, 'RFC 3339 or epoch milliseconds')
    return time
  }

  object(name: string): FieldReader | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    if (!isRecord(value)) throw this.#wrong(name, 'an object')
    const child = new FieldReader(value, this.#at(name))
    this.#children.push(child)
    return child
  }

  /** Pairs, or an object of strings or lists of strings. */
  headers(name: string): (readonly [string, string])[] {
    const value = this.take(name)
    if (value === undefined) return []
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        const pair: unknown = value[index]
        if (
          !Array.isArray(pair) ||
          pair.length !== 2 ||
          typeof pair[0] !== 'string' ||
          typeof pair[1] !== 'string'
        ) {
          throw new InvalidField(`\`${this.#at(name)}[${index}]\` must be a pair of strings.`)
        }
      }
      return value as [string, string][]
    }
    if (!isRecord(value)) throw this.#wrong(name, 'a list of pairs or an object')
    const pairs: (readonly [string, string])[] = []
    for (const [key, content] of Object.entries(value)) {
      for (const item of Array.isArray(content) ? (content as unknown[]) : [content]) {
        if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') {
          throw new InvalidField(`\`${this.#at(name)}.${key.slice(0, 64)}\` must be a string.`)
        }
        pairs.push([key, String(item)])
      }
    }
    return pairs
  }

  workload(name: string): Workload | undefined {
    const reader = this.object(name)
    if (reader === undefined) return undefined
    const workload: { -readonly [Key in keyof Workload]: Workload[Key] } = {}
    for (const key of workloadTexts) {
      const value = reader.text(key)
      if (value !== undefined) workload[key] = value
    }
    const labels = reader.take('labels')
    if (labels !== undefined) {
      if (!isRecord(labels) || !Object.values(labels).every(label => typeof label === 'string')) {
        throw reader.#wrong('labels', 'an object of strings')
      }
      workload.labels = labels as Record<string, string>
    }
    return workload
  }

  peer(name: string): Peer {
    const reader = this.object(name)
    if (reader === undefined) return {}
    const ip = reader.text('ip')
    const port = reader.number('port')
    const ja4 = reader.text('ja4')
    const workload = reader.workload('workload')
    const peer: { -readonly [Key in keyof Peer]: Peer[Key] } = {}
    if (ip !== undefined) peer.ip = ip
    if (port !== undefined) peer.port = port
    if (ja4 !== undefined) peer.ja4 = ja4
    if (workload !== undefined) peer.workload = workload
    return peer
  }

  /** The host from the `host` or `:authority` header where the field gives none; `unknown` where neither does. */
  destination(name: string, headers: readonly (readonly [string, string])[]): Destination {
    const reader = this.object(name)
    const host = reader?.text('host') || hostHeader(headers) || 'unknown'
    if (reader === undefined) return { host }
    const ip = reader.text('ip')
    const port = reader.number('port')
    const tls = reader.text('tls')
    const workload = reader.workload('workload')
    const destination: { -readonly [Key in keyof Destination]: Destination[Key] } = { host }
    if (ip !== undefined) destination.ip = ip
    if (port !== undefined) destination.port = port
    if (tls !== undefined) destination.tls = tls
    if (workload !== undefined) destination.workload = workload
    return destination
  }

  trace(name: string): TraceRef | undefined {
    const reader = this.object(name)
    if (reader === undefined) return undefined
    const traceId = reader.text('traceId')
    const spanId = reader.text('spanId')
    const parentSpanId = reader.text('parentSpanId')
    const withinSpanId = reader.text('withinSpanId')
    return {
      ...(traceId === undefined ? {} : { traceId }),
      ...(spanId === undefined ? {} : { spanId }),
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      ...(withinSpanId === undefined ? {} : { withinSpanId }),
    }
  }

  principal(name: string): DeclaredPrincipal | undefined {
    const reader = this.object(name)
    if (reader === undefined) return undefined
    const id = reader.id('id')
    if (id === undefined) throw new InvalidField(`\`${this.#at(name)}.id\` is missing.`)
    const kind = reader.text('kind')
    const tenant = reader.text('tenant')
    const roles = reader.take('roles')
    if (roles !== undefined && !(Array.isArray(roles) && roles.every(role => typeof role === 'string'))) {
      throw reader.#wrong('roles', 'a list of strings')
    }
    return {
      id,
      ...(kind === undefined ? {} : { kind }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(roles === undefined ? {} : { roles: roles as string[] }),
    }
  }

  verdict(name: string): CallVerdict | undefined {
    const reader = this.object(name)
    if (reader === undefined) return undefined
    const decisionId = reader.text('decisionId')
    const action = reader.text('action')
    const policy = reader.text('policy')
    if (decisionId === undefined) throw new InvalidField(`\`${this.#at(name)}.decisionId\` is missing.`)
    if (action === undefined) throw new InvalidField(`\`${this.#at(name)}.action\` is missing.`)
    return { decisionId, action, ...(policy === undefined ? {} : { policy }) }
  }

  /** The line's own `extra`, and every field that nobody asked for, nested ones by their path. Undefined where there is none. */
  extra(): JsonRecord | undefined {
    const own = this.take('extra')
    if (own !== undefined && !isRecord(own)) throw this.#wrong('extra', 'an object')
    if (own === undefined && !this.#hasUnread()) return undefined
    const out: Record<string, unknown> = {}
    const keep = (key: string, value: unknown): void => {
      Object.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true })
    }
    if (own !== undefined) for (const key of Object.keys(own)) keep(key, own[key])
    this.#unread(keep)
    return out
  }

  /** Most lines hold nothing that nobody asked for. */
  #hasUnread(): boolean {
    for (const key in this.#fields) if (!this.#read.includes(key)) return true
    return this.#children.some(child => child.#hasUnread())
  }

  #unread(keep: (key: string, value: unknown) => void): void {
    for (const key of Object.keys(this.#fields)) {
      if (!this.#read.includes(key)) keep(this.#at(key), this.#fields[key])
    }
    for (const child of this.#children) child.#unread(keep)
  }
}

const hostHeader = (headers: readonly (readonly [string, string])[]): string | undefined => {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if ((lower === 'host' || lower === ':authority') && value !== '') return value
  }
  return undefined
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d)$/

/** RFC 3339 (a space for the `T` is let pass) as epoch milliseconds; NaN for anything else. */
export const parseTime = (text: string): number =>
  text.length <= 40 && rfc3339.test(text) ? Date.parse(text) : Number.NaN
