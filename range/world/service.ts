import type { Account } from './accounts.ts'
import {
  type Answer,
  type Ask,
  isObject,
  type Json,
  type JsonObject,
  type Relation,
  type Touch,
} from './http.ts'
import type { Style } from './style.ts'
import type { Session, Tokens } from './tokens.ts'

/** What a handler says: a status, a body in the application's own names, headers. */
export interface Reply {
  readonly status: number
  readonly body?: Json
  readonly text?: { readonly type: string; readonly value: string }
  readonly headers?: readonly (readonly [string, string])[]
  /** False where a 2xx answers a refusal. */
  readonly ok?: boolean
}

/** One request as a handler sees it. */
export class Request {
  readonly now: number
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: JsonObject
  /** As sent, where it was no JSON. */
  readonly document: string
  readonly headers: readonly (readonly [string, string])[]
  readonly session: Session | undefined
  readonly parameters: Readonly<Record<string, string>>
  readonly touches: Touch[] = []
  readonly ip: string
  /** A factor on the time this answer takes, for handlers whose work depends on what is asked. */
  work = 1

  constructor(facts: {
    now: number
    method: string
    path: string
    query: URLSearchParams
    body: Json
    document: string
    headers: readonly (readonly [string, string])[]
    session: Session | undefined
    parameters: Readonly<Record<string, string>>
    ip: string
  }) {
    this.now = facts.now
    this.method = facts.method
    this.path = facts.path
    this.query = facts.query
    this.document = facts.document
    this.body = isObject(facts.body) ? facts.body : {}
    this.headers = facts.headers
    this.session = facts.session
    this.parameters = facts.parameters
    this.ip = facts.ip
  }

  /** The caller; a route that is not open has one. */
  get me(): Account {
    if (this.session === undefined) throw new TypeError(`${this.path} is open`)
    return this.session.account
  }

  parameter(name: string): string {
    return this.parameters[name] ?? ''
  }

  text(name: string): string {
    const value = this.body[name]
    return typeof value === 'string' ? value : ''
  }

  number(name: string): number {
    const value = this.body[name]
    return typeof value === 'number' ? value : Number.NaN
  }

  touch(object: string, owner: string | null, relation: Relation, write = this.method !== 'GET'): void {
    this.touches.push({ object, owner, relation, write })
  }
}

export interface Route {
  readonly method: string
  readonly template: string
  /** Milliseconds, the median. */
  readonly latency: number
  /** Callable without a credential. */
  readonly open?: boolean
  /** Roles that may call it, where the application checks. */
  readonly roles?: readonly string[]
  /** The check of `roles` was forgotten. */
  readonly unchecked?: boolean
  readonly handle: (request: Request) => Reply
}

interface Placed extends Route {
  readonly parts: readonly string[]
}

/** Routes requests to handlers, as a framework does: authentication, roles, refusals, 404 and 405. */
export class Service {
  readonly style: Style
  readonly tokens: Tokens
  readonly #routes: Placed[] = []
  readonly #keys = new Map<string, Account>()
  /** Minutes of which every answer is slower, and how much: deploys and load tests set it. */
  slowness = 1

  constructor(style: Style, tokens: Tokens) {
    this.style = style
    this.tokens = tokens
  }

  /** Later routes win over earlier ones of the same place: a deploy replaces a handler. */
  route(...routes: readonly Route[]): void {
    for (const route of routes) {
      const parts = `${this.style.prefix}${route.template}`.split('/').slice(1)
      this.#routes.unshift({ ...route, parts })
    }
  }

  /** Gives an account an API key. */
  key(account: Account, value: string): void {
    this.#keys.set(value, account)
  }

  refuse(status: number, code: string, message: string): Reply {
    const headers: (readonly [string, string])[] = status === 401 ? [['www-authenticate', 'Bearer']] : []
    switch (this.style.errors) {
      case 'problem':
        return {
          status,
          body: { type: `https://${this.style.host}/problems/${code}`, title: message, status },
          headers: [['content-type', 'application/problem+json'], ...headers],
          ok: false,
        }
      case 'code':
        return { status, body: { error: { code, message } }, headers, ok: false }
      case 'ok-with-error':
        // Authentication and routing are the framework's and answer properly; the application's own refusals do not.
        return status === 401 || status === 405 || code === 'no-route' || code === 'forbidden'
          ? { status, body: { success: false, error: code, message }, headers, ok: false }
          : { status: 200, body: { success: false, error: code, message }, ok: false }
    }
  }

  /** An object of somebody else, where the application checks. */
  refuseForeign(what: string): Reply {
    return this.style.foreign === 403
      ? this.refuse(403, 'forbidden', 'You have no access to this resource.')
      : this.refuse(404, 'not-found', `No such ${what}.`)
  }

  handle(ask: Ask, headers: readonly (readonly [string, string])[], ip: string, now: number): Answer {
    const question = ask.path.indexOf('?')
    const path = question < 0 ? ask.path : ask.path.slice(0, question)
    const query = new URLSearchParams(question < 0 ? '' : ask.path.slice(question + 1))
    const parts = path.split('/').slice(1)
    let place: { route: Placed; parameters: Record<string, string> } | undefined
    let otherVerb = false
    for (const route of this.#routes) {
      const parameters = matched(route.parts, parts)
      if (parameters === undefined) continue
      if (route.method !== ask.method) otherVerb = true
      else if (
        place === undefined ||
        route.parts.filter(isLiteral).length > place.route.parts.filter(isLiteral).length
      )
        place = { route, parameters }
    }
    if (place === undefined) {
      const reply = otherVerb
        ? this.refuse(405, 'method-not-allowed', 'This method is not allowed here.')
        : this.refuse(404, 'no-route', 'Nothing is here.')
      return this.#answer(reply, 3, [])
    }
    const { route, parameters } = place
    const session = this.#sessionOf(headers, now)
    if (route.open !== true && session === undefined)
      return this.#answer(this.refuse(401, 'unauthenticated', 'Sign in first.'), 4, [])
    if (
      route.roles !== undefined &&
      route.unchecked !== true &&
      session !== undefined &&
      !route.roles.some(role => session.roles.includes(role))
    )
      return this.#answer(this.refuse(403, 'forbidden', 'Your role does not allow this.'), 4, [])
    let body: Json = ask.body === undefined ? {} : (ask.body as Json)
    if (ask.text !== undefined) {
      try {
        body = ask.text.type.includes('json') ? this.style.inward(JSON.parse(ask.text.value) as Json) : {}
      } catch {
        return this.#answer(this.refuse(400, 'malformed', 'The body is not valid JSON.'), 4, [])
      }
    }
    const request = new Request({
      now,
      method: ask.method,
      path,
      query,
      body,
      document: ask.text?.value ?? '',
      headers,
      session,
      parameters,
      ip,
    })
    const reply = route.handle(request)
    return this.#answer(reply, route.latency * request.work * this.slowness, request.touches)
  }

  #sessionOf(headers: readonly (readonly [string, string])[], now: number): Session | undefined {
    for (const [name, value] of headers) {
      if (name === this.style.keyHeader) {
        const account = this.#keys.get(value)
        if (account?.active === true)
          return {
            account,
            session: 'key',
            roles: account.roles,
            tenant: account.tenant,
            scope: account.scope,
          }
      }
      if (name === 'authorization' && value.startsWith('Bearer '))
        return this.tokens.read(value.slice(7), now)
      if (name === 'cookie') {
        const pair = value.split('; ').find(one => one.startsWith(`${this.style.cookie}=`))
        if (pair !== undefined) return this.tokens.read(pair.slice(this.style.cookie.length + 1), now)
      }
    }
    return undefined
  }

  #answer(reply: Reply, latency: number, touches: readonly Touch[]): Answer {
    const { status, headers = [] } = reply
    const text =
      reply.text?.value ?? (reply.body === undefined ? '' : JSON.stringify(this.style.outward(reply.body)))
    const type =
      headers.some(([name]) => name === 'content-type') || text === ''
        ? []
        : [['content-type', reply.text?.type ?? 'application/json; charset=utf-8'] as const]
    const json = reply.body ?? {}
    return {
      status,
      headers: [...type, ...headers],
      text,
      json: isObject(json) ? json : { items: json },
      ok: reply.ok ?? status < 400,
      touches,
      latency,
    }
  }
}

const isLiteral = (part: string): boolean => !part.startsWith('{')

function matched(parts: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (parts.length !== path.length) return undefined
  const parameters: Record<string, string> = {}
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index]!
    const given = path[index]!
    if (part.startsWith('{')) {
      if (given === '') return undefined
      try {
        parameters[part.slice(1, -1)] = decodeURIComponent(given)
      } catch {
        return undefined
      }
    } else if (part !== given) return undefined
  }
  return parameters
}
