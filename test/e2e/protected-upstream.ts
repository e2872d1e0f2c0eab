import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Client, token } from './client.ts'
import { gatewayOf, type Started, signInLink, start, temporaryFolder } from './started.ts'

type Environment = Readonly<Record<string, string>>

/** Calls are gone with the process: what a test wants that does not ask for them after a restart. */
export const callsInMemory: Environment = { SALLYPORT_CALLS_DRIVER: 'memory' }
/** A policy may act as soon as somebody says so. */
export const rolloutAtOnce: Environment = {
  SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_MINUTES: '0',
  SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_CALLS: '0',
  SALLYPORT_ENFORCEMENT_ROLLOUT_CANARY_MINUTES: '0',
}

/** An API of the test behind a whole Sallyport that `sallyport up` started, on ports that were free. */
export class ProtectedUpstream extends Client {
  readonly #folder = temporaryFolder()
  readonly #upstream: Server
  #upstreamPort = 0
  readonly #env: Environment
  readonly dataDir: string
  started!: Started
  gateway = ''
  /** Signs in to the console, once. */
  link = ''
  #closed = false

  /** `env` holds besides what every start sets. */
  constructor(listener: RequestListener, env: Environment = {}, dataDir?: string) {
    super()
    this.#upstream = createServer(listener)
    this.#env = env
    this.dataDir = dataDir ?? this.file('data')
  }

  /** A path in a folder that is removed at the end. */
  file(name: string): string {
    return join(this.#folder.path, name)
  }

  async open(): Promise<void> {
    await this.startUpstream()
    await this.up()
  }

  /** Listens, on the same port again. */
  async startUpstream(): Promise<void> {
    await new Promise<void>(done => this.#upstream.listen(this.#upstreamPort, '127.0.0.1', done))
    this.#upstreamPort = (this.#upstream.address() as AddressInfo).port
  }

  async stopUpstream(): Promise<void> {
    const stopped = new Promise(done => this.#upstream.close(done))
    this.#upstream.closeAllConnections()
    await stopped
  }

  /** Starts the product on the same data; the one before must have ended. */
  async up(env: Environment = {}): Promise<void> {
    const upstream = `http://127.0.0.1:${this.#upstreamPort}`
    this.started = start(['up', '--upstream', upstream, '--data-dir', this.dataDir], {
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_SERVER_PORT: '0',
      SALLYPORT_TOKEN: token,
      ...this.#env,
      ...env,
    })
    this.gateway = await gatewayOf(this.started)
    this.link = await signInLink(this.started)
    this.url = new URL(this.link).origin
  }

  /** Ends the product and starts it again with its gateway on the same port: endpoints are known by their host. */
  async restart(): Promise<void> {
    expect(await this.started.stop()).toBe(0)
    await this.up({ SALLYPORT_GATEWAY_PORT: new URL(this.gateway).port })
  }

  /** Ends it and the upstream; gives the exit code. */
  async close(): Promise<number | null> {
    if (this.#closed) return null
    this.#closed = true
    const code = await this.started?.stop()
    this.#upstream.closeAllConnections()
    this.#upstream.close()
    this.#folder.remove()
    return code
  }
}

/** One for all tests of a file, which is to end well. `env`: calls are in memory alone when absent. */
export function withUpstream(listener: RequestListener, env: Environment = callsInMemory): ProtectedUpstream {
  const upstream = new ProtectedUpstream(listener, env)
  beforeAll(() => upstream.open(), 120_000)
  afterAll(async () => {
    expect(await upstream.close()).toBe(0)
  })
  return upstream
}
