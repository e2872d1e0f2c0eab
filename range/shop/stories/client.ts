import { Client } from '../client.ts'
import type { ShopUser } from '../seed.ts'

/** A client that does not take no for an answer: in a story every step must come through. */
export class StoryClient {
  readonly #client: Client

  constructor(target: string, host: string, ip: string, userAgent = 'shop-app/4.1 (Android)') {
    this.#client = new Client({ target, host, ip, userAgent })
  }

  set apiKey(key: string) {
    this.#client.apiKey = key
  }

  async signIn(users: readonly ShopUser[], username: string): Promise<void> {
    const user = users.find(one => one.username === username)
    if (user === undefined) throw new Error(`The shop has no user ${username}.`)
    const { status } = await this.#client.signIn(user.username, user.password)
    if (status !== 200) throw new Error(`${username} could not sign in: ${status}`)
  }

  get(path: string): Promise<unknown> {
    return this.#asked('GET', path)
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#asked('POST', path, body)
  }

  async #asked(method: string, path: string, body?: unknown): Promise<unknown> {
    const reply = await this.#client.call(method, path, body)
    if (reply.status !== 200) throw new Error(`${method} ${path} answered ${reply.status}`)
    return reply.body
  }
}
