import type { Json, JsonObject } from './http.ts'
import type { Stream } from './stream.ts'

export type IdStyle = 'integer' | 'uuid' | 'prefixed' | 'ulid'
export type TokenKind = 'jwt' | 'opaque' | 'cookie'

/**
 * The habits of one application: how it names things, numbers them, guards them, says no. Drawn from a parameter stream, so that two
 * worlds of the same application differ in what a detector could learn by heart.
 */
export class Style {
  readonly host: string
  readonly prefix: string
  readonly snake: boolean
  readonly token: TokenKind
  /** Minutes that an access token lives. */
  readonly tokenMinutes: number
  readonly cookie: string
  readonly keyHeader: string
  readonly paging: 'offset' | 'page' | 'cursor'
  readonly envelope: 'data' | 'items' | 'results' | 'bare'
  readonly pageSize: number
  /** What a caller gets who asks for an object of somebody else, where the application checks. */
  readonly foreign: 403 | 404
  /** How refusals look: an RFC 9457 problem, an object with a code, or status 200 with an error inside. */
  readonly errors: 'problem' | 'code' | 'ok-with-error'
  /** What the edge adds about the visitor. */
  readonly edge: 'none' | 'cloudflare' | 'cloudfront'
  readonly server: string
  readonly tenantIn: 'host' | 'path' | 'claim'
  readonly roleClaim: 'roles' | 'scope' | 'groups'
  readonly #stream: Stream

  constructor(stream: Stream, app: string) {
    this.#stream = stream
    const own = stream.fork('style')
    this.host = own.pick([`api.${app}.example`, `${app}.example`, `gateway.${app}.example`])
    this.prefix = own.pick(['/api/v1', '/v2', '/api', '/rest/v3', ''])
    this.snake = own.chance(0.45)
    this.token = own.weighted([
      ['jwt', 5],
      ['opaque', 2],
      ['cookie', 2],
    ])
    this.tokenMinutes = own.pick([30, 60, 60, 120])
    this.cookie = own.pick(['sid', 'session', 'connect.sid', 'JSESSIONID'])
    this.keyHeader = own.pick(['x-api-key', 'apikey', 'x-client-key'])
    this.paging = own.pick(['offset', 'page', 'cursor'])
    this.envelope = own.pick(['data', 'items', 'results', 'bare'])
    this.pageSize = own.pick([10, 20, 25])
    this.foreign = own.pick([403, 404])
    this.errors = own.weighted([
      ['problem', 3],
      ['code', 3],
      ['ok-with-error', 1],
    ])
    this.edge = own.pick(['none', 'cloudflare', 'cloudfront'])
    this.server = own.pick(['nginx', 'envoy', 'Kestrel', 'uvicorn', ''])
    this.tenantIn = own.pick(['host', 'path', 'claim'])
    this.roleClaim = own.pick(['roles', 'roles', 'scope', 'groups'])
  }

  /** One of several names for the same thing, always the same one in this world. */
  noun(...names: readonly string[]): string {
    return this.#stream.fork('noun', names[0] ?? '').pick(names)
  }

  idStyle(type: string, among: readonly IdStyle[] = ['integer', 'uuid', 'prefixed', 'ulid']): IdStyle {
    return this.#stream.fork('ids', type).pick(among)
  }

  /** A switch of the application that is on in this share of the worlds. */
  flag(name: string, probability: number): boolean {
    return this.#stream.fork('flag', name).chance(probability)
  }

  choose<Item>(name: string, items: readonly Item[]): Item {
    return this.#stream.fork('choose', name).pick(items)
  }

  /** Names of an answer or a request as this application writes them. */
  outward(value: Json): Json {
    return this.snake ? renamed(value, toSnake) : value
  }

  inward(value: Json): Json {
    return this.snake ? renamed(value, toCamel) : value
  }

  /** A list as this application hands it out. */
  list(items: readonly JsonObject[], total: number, next: string | undefined): Json {
    const rest = { total, ...(next === undefined ? {} : { next }) }
    switch (this.envelope) {
      case 'bare':
        return items
      case 'data':
        return { data: items, meta: rest }
      case 'items':
        return { items, ...rest }
      case 'results':
        return { count: total, results: items, ...(next === undefined ? {} : { next }) }
    }
  }

  /** The query of a page, in place of `offset` and `limit`. */
  page(offset: number, limit = this.pageSize): string {
    switch (this.paging) {
      case 'offset':
        return `offset=${offset}&limit=${limit}`
      case 'page':
        return `page=${Math.floor(offset / limit) + 1}&${this.snake ? 'page_size' : 'pageSize'}=${limit}`
      case 'cursor':
        return `${offset === 0 ? '' : `cursor=${Buffer.from(`o:${offset}`).toString('base64url')}&`}limit=${limit}`
    }
  }

  /** What a query of `page` asks for. */
  pageOf(query: URLSearchParams, most: number): { readonly offset: number; readonly limit: number } {
    const size = Number(
      query.get('limit') ?? query.get('pageSize') ?? query.get('page_size') ?? this.pageSize,
    )
    const limit = Math.min(most, Math.max(1, Number.isFinite(size) ? Math.floor(size) : this.pageSize))
    const cursor = query.get('cursor')
    const raw =
      cursor !== null
        ? Number(Buffer.from(cursor, 'base64url').toString('utf8').slice(2))
        : query.has('page')
          ? (Number(query.get('page')) - 1) * limit
          : Number(query.get('offset') ?? 0)
    return { offset: Number.isFinite(raw) && raw > 0 ? Math.floor(raw) : 0, limit }
  }

  /** As truth tells it. */
  describe(): JsonObject {
    const { host, prefix, snake, token, tokenMinutes, paging, envelope, foreign, errors, edge, tenantIn } =
      this
    return {
      host,
      prefix,
      names: snake ? 'snake' : 'camel',
      token,
      tokenMinutes,
      paging,
      envelope,
      foreign,
      errors,
      edge,
      tenantIn,
    }
  }
}

/** The items of a list answer, whatever its envelope. */
export function itemsOf(json: Json): readonly JsonObject[] {
  if (Array.isArray(json)) return json as readonly JsonObject[]
  if (typeof json !== 'object' || json === null) return []
  const { data, items, results, entry } = json as JsonObject
  // A bundle of FHIR wraps what was found.
  if (Array.isArray(entry))
    return (entry as readonly JsonObject[]).flatMap(({ resource }) =>
      resource === undefined ? [] : [resource as JsonObject],
    )
  for (const list of [data, items, results]) if (Array.isArray(list)) return list as readonly JsonObject[]
  return []
}

const toSnake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
const toCamel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function renamed(value: Json, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map(item => renamed(item as Json, rename))
  if (typeof value !== 'object' || value === null) return value
  const out: Record<string, Json | undefined> = {}
  for (const [name, item] of Object.entries(value as JsonObject)) {
    if (item !== undefined) out[rename(name)] = renamed(item, rename)
  }
  return out
}

/** Hands out ids of one type. Integers count up, as databases do. */
export class Ids {
  readonly style: IdStyle
  readonly #stream: Stream
  readonly #prefix: string
  #next: number

  constructor(stream: Stream, style: IdStyle, prefix: string) {
    this.style = style
    this.#stream = stream.fork('ids', prefix)
    this.#prefix = prefix
    this.#next = this.#stream.int(1_000, 40_000)
  }

  next(now: number): string {
    const value = this.#make(now)
    this.#next += this.#stream.chance(0.9) ? 1 : this.#stream.int(1, 4)
    return value
  }

  /** An id of this form that may or may not exist: near those handed out last where ids count up. */
  guess(stream: Stream, now: number): string {
    switch (this.style) {
      case 'integer':
        return String(Math.max(1, this.#next - stream.int(1, 4_000)))
      case 'prefixed':
        return `${this.#prefix}_${stream.token(14)}`
      case 'uuid':
        return stream.uuid()
      case 'ulid':
        return ulid(stream, now - stream.int(0, 30 * 86_400_000))
    }
  }

  #make(now: number): string {
    switch (this.style) {
      case 'integer':
        return String(this.#next)
      case 'prefixed':
        return `${this.#prefix}_${this.#stream.token(14)}`
      case 'uuid':
        return this.#stream.uuid()
      case 'ulid':
        return ulid(this.#stream, now)
    }
  }
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function ulid(stream: Stream, now: number): string {
  let time = ''
  for (let left = now, count = 0; count < 10; count += 1) {
    time = crockford[left % 32] + time
    left = Math.floor(left / 32)
  }
  return time + stream.token(16, crockford)
}
