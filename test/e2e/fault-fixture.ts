import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { debuggable, ThreadDebugger } from '../support/thread-debugger.ts'
import { type Started, start, temporaryFolder } from './started.ts'

const token = 'a-token-of-the-test-that-is-long-enough'
/** Stops everything under /blocked, and masks nothing. */
const policy = `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: no-entry }
spec:
  mode: enforce
  when: request.path.startsWith("/blocked")
  action: { type: block }
`
/** Where no decision can be made, payments are refused and everything else passes. */
const routes = '[{ endpoints: ["* /payments/**"], onFailure: deny }]'

export interface ProtectedOptions {
  readonly listener?: RequestListener
  /** Besides those of the fixture. */
  readonly env?: Readonly<Record<string, string>>
  readonly dataDir?: string
}

/** An API behind a whole Sallyport that was started by its command, with one policy in force; faults are done to it from outside. */
export class ProtectedApi {
  readonly #folder = temporaryFolder()
  readonly #upstream: Server
  #upstreamPort = 0
  readonly #options: ProtectedOptions
  readonly dataDir: string
  /** Paths that the upstream was asked for. */
  readonly seen: string[] = []
  started!: Started
  gateway = ''
  url = ''
  #debug: ThreadDebugger | undefined
  #closed = false

  private constructor(options: ProtectedOptions) {
    this.#options = options
    this.dataDir = options.dataDir ?? join(this.#folder.path, 'data')
    const answer: RequestListener =
      options.listener ??
      ((request, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ path: request.url }))
      })
    this.#upstream = createServer((request, response) => {
      this.seen.push(request.url ?? '')
      answer(request, response)
    })
  }

  static async start(options: ProtectedOptions = {}): Promise<ProtectedApi> {
    const api = new ProtectedApi(options)
    const policies = join(api.#folder.path, 'policies')
    mkdirSync(policies)
    writeFileSync(join(policies, 'no-entry.yaml'), policy)
    await api.startUpstream()
    await api.up()
    return api
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
  async up(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const upstream = `http://127.0.0.1:${this.#upstreamPort}`
    this.started = start(['up', '--upstream', upstream, '--data-dir', this.dataDir], {
      ...debuggable,
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_SERVER_PORT: '0',
      SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
      SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
      SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
      SALLYPORT_POLICIES: join(this.#folder.path, 'policies'),
      SALLYPORT_ENFORCEMENT_ROUTES: routes,
      SALLYPORT_TOKEN: token,
      ...this.#options.env,
      ...env,
    })
    this.gateway = (await this.started.printed(/Gateway:\s+(http:\S+)/))[1] as string
    this.url = new URL((await this.started.printed(/(http:\S+sign-in)/))[1] as string).origin
  }

  /** Status of a request through the gateway; 0 where the connection ended without an answer. */
  async status(path: string, init: RequestInit = {}): Promise<number> {
    try {
      const answer = await fetch(`${this.gateway}${path}`, init)
      await answer.arrayBuffer()
      return answer.status
    } catch {
      return 0
    }
  }

  /** Sends `count` requests one after the other and expects the same of each: that the policy decides and all others pass. */
  async expectDecisions(count: number, tag: string): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const blocked = index % 5 === 4
      expect(await this.status(`/${blocked ? 'blocked' : 'things'}/${tag}-${index}`)).toBe(
        blocked ? 403 : 200,
      )
    }
    expect(this.seen.filter(path => path.startsWith('/blocked'))).toEqual([])
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
    })
  }

  /** A counter or gauge as Prometheus is told it; 0 where it is not told. */
  async metric(name: string): Promise<number> {
    const text = await (await this.ask('/metrics')).text()
    const line = text.split('\n').find(line => line.startsWith(`${name} `))
    return line === undefined ? 0 : Number(line.slice(name.length + 1))
  }

  /** `id: state` of each sensor, and the health of the whole. */
  async health(): Promise<{ readonly status: string; readonly sensors: Readonly<Record<string, string>> }> {
    const [health, sensors] = await Promise.all([this.ask('/api/v1/health'), this.ask('/api/v1/sensors')])
    const { status } = (await health.json()) as { status: string }
    const { items } = (await sensors.json()) as { items: readonly { id: string; state: string }[] }
    return { status, sensors: Object.fromEntries(items.map(({ id, state }) => [id, state])) }
  }

  /** Targets of the calls that the store holds, newest first, up to a thousand. */
  async storedPaths(): Promise<readonly string[]> {
    const { items } = (await (await this.ask('/api/v1/calls/export?limit=1000')).json()) as {
      items: readonly string[]
    }
    return items.map(line => (JSON.parse(line) as { request: { target: string } }).request.target)
  }

  async debug(): Promise<ThreadDebugger> {
    this.#debug ??= await ThreadDebugger.of(this.started)
    return this.#debug
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.#debug = undefined
    this.started.child.kill('SIGKILL')
    await this.started.stop()
  }

  /** Ends it and the upstream; gives the exit code. */
  async close(): Promise<number | null> {
    if (this.#closed) return null
    this.#closed = true
    // A process waits at its end for the debugger to leave.
    this.#debug?.close()
    const code = await this.started.stop()
    this.#upstream.closeAllConnections()
    this.#upstream.close()
    this.#folder.remove()
    return code
  }
}
