import { mkdirSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { expect } from 'vitest'
import { debuggable, ThreadDebugger } from '../support/thread-debugger.ts'
import { ProtectedUpstream } from './protected-upstream.ts'

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

const settings = {
  SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
  SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
  SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
  SALLYPORT_ENFORCEMENT_ROUTES: routes,
}

export interface ProtectedOptions {
  readonly listener?: RequestListener
  /** Besides those of the fixture. */
  readonly env?: Readonly<Record<string, string>>
  readonly dataDir?: string
}

const answerPath: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ path: request.url }))
}

/** An API behind a whole Sallyport that was started by its command, with one policy in force; faults are done to it from outside. */
export class ProtectedApi extends ProtectedUpstream {
  /** Paths that the upstream was asked for. */
  readonly seen: string[]
  #debug: ThreadDebugger | undefined

  private constructor(options: ProtectedOptions) {
    const seen: string[] = []
    const answer = options.listener ?? answerPath
    super(
      (request, response) => {
        seen.push(request.url ?? '')
        answer(request, response)
      },
      { ...debuggable, ...settings, ...options.env },
      options.dataDir,
    )
    this.seen = seen
  }

  static async start(options: ProtectedOptions = {}): Promise<ProtectedApi> {
    const api = new ProtectedApi(options)
    mkdirSync(api.file('policies'))
    writeFileSync(api.file('policies/no-entry.yaml'), policy)
    await api.open()
    return api
  }

  override async up(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await super.up({ SALLYPORT_POLICIES: this.file('policies'), ...env })
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

  override async close(): Promise<number | null> {
    // A process waits at its end for the debugger to leave.
    this.#debug?.close()
    return await super.close()
  }
}
