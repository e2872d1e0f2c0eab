import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http'

export type Body = Readonly<Record<string, unknown>>

export interface Asked {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Body
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
}

export type Handler = (asked: Asked) => Answer | Promise<Answer>

/** `GET /orders/:id` → what to do. */
export type Routes = Readonly<Record<string, Handler>>

/** What a service is told when it starts. */
export interface ServiceOrder {
  readonly service: 'users' | 'orders' | 'payments' | 'front'
  readonly directory: string
  readonly seed: number
  readonly port: number
  readonly jwtSecret: string
  /** What the services show each other; no client has it. */
  readonly internalToken: string
  /** Base URLs of the services that this one asks. */
  readonly peers: Readonly<Record<string, string>>
  /** `1.0.0`, `2.0.0` …: newer versions ask more of others. */
  readonly version: string
  /** Hosts outside that something on loopback answers for → its port; every other host is unknown. */
  readonly standIns: Readonly<Record<string, number>>
  /** API keys → user. */
  readonly apiKeys: Readonly<Record<string, string>>
  /** Access key of the object storage, where receipts are kept there. */
  readonly archiveKey?: string
}

/** A refusal with a status, thrown from any depth. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const largestBody = 64 * 1024

/** Serves the routes on loopback; resolves with the port once it listens. */
export function serve(routes: Routes, port: number, internalToken?: string): Promise<number> {
  const table = Object.entries(routes).map(([route, handler]) => {
    const [method = '', path = ''] = route.split(' ')
    return { method, parts: path.split('/'), handler }
  })
  const server = createServer((incoming, response) => {
    answer(incoming).then(
      ({ status, body }) => {
        response.statusCode = status
        if (body === undefined) response.end()
        else {
          response.setHeader('content-type', 'application/json; charset=utf-8')
          response.end(JSON.stringify(body))
        }
      },
      thrown => {
        response.statusCode = thrown instanceof Refusal ? thrown.status : 500
        response.setHeader('content-type', 'application/json; charset=utf-8')
        response.end(JSON.stringify({ error: thrown instanceof Error ? thrown.message : 'unknown' }))
      },
    )
  })
  async function answer(incoming: IncomingMessage): Promise<Answer> {
    if (internalToken !== undefined && incoming.headers['x-internal-token'] !== internalToken)
      throw new Refusal(403, 'internal')
    const url = new URL(incoming.url ?? '/', 'http://shop')
    const parts = url.pathname.split('/')
    let known = false
    for (const route of table) {
      const params = match(route.parts, parts)
      if (params === undefined) continue
      known = true
      if (route.method !== incoming.method) continue
      return await route.handler({
        params,
        query: url.searchParams,
        body: await readBody(incoming),
        headers: incoming.headers,
      })
    }
    throw known ? new Refusal(405, 'method not allowed') : new Refusal(404, 'not found')
  }
  server.keepAliveTimeout = 30_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

function match(route: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (route.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, expected] of route.entries()) {
    const part = parts[index] ?? ''
    if (!expected.startsWith(':')) {
      if (expected !== part) return undefined
    } else {
      if (part === '') return undefined
      try {
        params[expected.slice(1)] = decodeURIComponent(part)
      } catch {
        throw new Refusal(400, 'malformed path')
      }
    }
  }
  return params
}

async function readBody(incoming: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) throw new Refusal(413, 'body too large')
    chunks.push(chunk)
  }
  if (size === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal(400, 'the body is not a JSON object')
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 })

/** Asks another service; its refusals are passed on as they are. */
export function ask(
  base: string,
  internalToken: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${base}${path}`, {
      agent,
      method,
      headers: {
        'x-internal-token': internalToken,
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      },
      timeout: 10_000,
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.once('error', reject)
    outgoing.once('response', async response => {
      try {
        let text = ''
        for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk
        resolve({ status: response.statusCode ?? 502, body: text === '' ? undefined : JSON.parse(text) })
      } catch (thrown) {
        reject(thrown)
      }
    })
    outgoing.end(payload)
  })
}

export const textOf = (body: Body, name: string): string => {
  const value = body[name]
  if (typeof value === 'string' && value !== '' && value.length <= 500) return value
  throw new Refusal(400, `${name} is missing`)
}
