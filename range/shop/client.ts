import { Agent, request as httpRequest } from 'node:http'

export interface ClientOptions {
  /** Base URL, usually the gateway's. */
  readonly target: string
  /** What the calls ask for as `Host`. */
  readonly host: string
  readonly userAgent: string
  /** Written into X-Forwarded-For, from the ranges reserved for documentation (RFC 5737). */
  readonly ip: string
}

export interface Reply {
  /** 0 when no answer came. */
  readonly status: number
  /** The parsed body; undefined when there is none, or none that is JSON. */
  readonly body: unknown
}

const agent = new Agent({ keepAlive: true, maxSockets: 24 })
const largestReply = 4 * 1024 * 1024

export const apiHost = 'api.shop.example'

/** One device that calls the shop. It never rejects: a simulated person meets a failure as a status of 0. */
export class Client {
  readonly #options: ClientOptions
  /** Sent as a bearer token when set. */
  token: string | undefined
  /** Sent as `X-API-Key` when set. */
  apiKey: string | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  async call(method: string, path: string, body?: unknown): Promise<Reply> {
    const { target, host, userAgent, ip } = this.#options
    const payload = body === undefined ? undefined : JSON.stringify(body)
    return await new Promise<Reply>(resolve => {
      const failed = (): void => resolve({ status: 0, body: undefined })
      const outgoing = httpRequest(new URL(path, target), {
        agent,
        method,
        timeout: 15_000,
        headers: {
          host,
          'user-agent': userAgent,
          accept: 'application/json',
          'x-forwarded-for': ip,
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
          ...(this.apiKey === undefined ? {} : { 'x-api-key': this.apiKey }),
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      })
      outgoing.once('timeout', () => outgoing.destroy())
      outgoing.once('error', failed)
      outgoing.once('response', async response => {
        try {
          let text = ''
          for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
            text += chunk
            if (text.length > largestReply) {
              response.destroy()
              break
            }
          }
          resolve({ status: response.statusCode ?? 0, body: parsed(text) })
        } catch {
          failed()
        }
      })
      outgoing.end(payload)
    })
  }

  /** Signs in and keeps the token. */
  async signIn(username: string, password: string): Promise<Reply> {
    this.token = undefined
    const reply = await this.call('POST', '/auth/login', { username, password })
    if (reply.status === 200) this.token = (reply.body as { access_token?: string } | undefined)?.access_token
    return reply
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
