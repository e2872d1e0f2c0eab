import type { FastifyInstance } from 'fastify'
import type { ApiCall } from '../../src/call/api-call.ts'
import type { CatalogChange } from '../../src/catalog/changes/catalog-change.ts'
import { standardClasses } from '../../src/catalog/data-classes/registry/standard.ts'
import type { MergeReview } from '../../src/catalog/directions/merge-review.ts'
import type { TemplatePin } from '../../src/catalog/directions/template-pin.ts'
import type { Endpoint } from '../../src/catalog/endpoint.ts'
import type { Finding } from '../../src/catalog/finding.ts'
import type { Incident } from '../../src/detect/incident.ts'
import { allDetectors } from '../../src/detect/registry.ts'
import type { Signal } from '../../src/detect/signal.ts'
import { defaultRollout } from '../../src/enforce/rollout.ts'
import { answerFrom, type GraphQuestionKind, type GraphQuestions } from '../../src/engine/graph-questions.ts'
import type { LiveEvent } from '../../src/engine/live-events.ts'
import { PolicyDesk } from '../../src/engine/policy-desk.ts'
import { describePolicy, policyCheck } from '../../src/engine/policy-service.ts'
import { RecentEvents } from '../../src/engine/recent-events.ts'
import { Graph } from '../../src/graph/graph.ts'
import { internet, nodeId } from '../../src/graph/node.ts'
import { ManualClock } from '../../src/kit/clock.ts'
import {
  callId,
  endpointId,
  type Fingerprint,
  type IncidentId,
  principalId,
  type SignalId,
  tenantId,
} from '../../src/kit/id.ts'
import { hashSecret } from '../../src/server/auth/secret.ts'
import type { Backend, Change } from '../../src/server/backend.ts'
import { ApiServer, type ApiServerOptions } from '../../src/server/server.ts'
import { MemoryCallStore } from '../../src/store/memory/call-store.ts'
import type { StoredCall } from '../../src/store/ports/call-store.ts'
import type { CatalogFindingQuery } from '../../src/store/ports/catalog-state.ts'
import type { DecisionRecord, Role, StateStore } from '../../src/store/ports/state-store.ts'
import { SqliteStateStore } from '../../src/store/sqlite/state-store.ts'

export const start = Date.parse('2026-11-22T10:00:00Z')
export const invoices = endpointId('GET', 'api.shop.example', '/invoices/{invoiceId}')
const mallory = principalId('user', 'mallory')
const acme = tenantId('acme')

export const tokens: Readonly<Record<Role, string>> = {
  viewer: 'viewer-secret',
  analyst: 'analyst-secret',
  admin: 'admin-secret',
}

export function storedCall(index: number): StoredCall {
  const call: ApiCall = {
    type: 'call',
    id: callId(`c-${index}`),
    time: start + index * 1_000,
    durationMs: 3,
    source: { ip: '203.0.113.7' },
    destination: { host: 'api.shop.example' },
    request: {
      method: 'GET',
      target: `/invoices/${index}`,
      path: `/invoices/${index}`,
      query: [],
      httpVersion: '1.1',
      headers: [['user-agent', 'curl/8']],
      content: { kind: 'empty' },
      bodySize: 0,
      bodyTruncated: false,
    },
    response: {
      status: index % 5 === 4 ? 404 : 200,
      headers: [['content-type', 'application/json']],
      content: { kind: 'json', value: { id: index, owner: 'alice' } },
      bodySize: 27,
      bodyTruncated: false,
    },
    credentials: [
      {
        scheme: 'bearer-jwt',
        at: 'header:authorization',
        fingerprint: 'a'.repeat(32) as Fingerprint,
        claims: { sub: 'mallory' },
        verification: 'unverified',
      },
    ],
  }
  return { call, endpoint: invoices, principal: mallory, tenant: acme, detectors: ['owner-binding'] }
}

const signal: Signal = {
  id: 's-1' as SignalId,
  detector: 'owner-binding',
  time: start + 4_000,
  severity: 'high',
  confidence: 0.95,
  principal: mallory,
  tenant: acme,
  endpoint: invoices,
  message: 'user:mallory read 4 invoices that belong to others.',
  observed: { invoices: 4 },
  expected: { invoices: 0 },
  attempt: false,
  owasp: ['API1:2023'],
  attack: ['T1119'],
  evidence: [callId('c-0'), callId('c-3')],
  objects: ['invoice:0'],
  dataClasses: ['payment-card'],
}

export const incident: Incident = {
  id: 'i-1' as IncidentId,
  title: 'mallory (tenant acme) read 4 invoices of others.',
  severity: 'critical',
  risk: 92,
  opened: start,
  updated: start + 4_000,
  status: 'open',
  principals: [mallory],
  tenants: [acme],
  endpoints: [invoices],
  workloads: [],
  dataClasses: ['payment-card'],
  signals: [signal.id],
  detectors: ['owner-binding'],
  objects: ['invoice:0'],
  objectCount: 4,
  story: [{ time: start, text: 'mallory began to read invoices.', evidence: [callId('c-0')] }],
  evidence: [callId('c-0'), callId('c-3')],
  actions: [
    {
      kind: 'quarantine-principal',
      title: 'Keep mallory out for an hour',
      target: mallory,
      ttlSeconds: 3_600,
      effect: { principals: 1, calls: 4, others: 0 },
    },
    {
      kind: 'block-endpoint',
      title: 'Block the endpoint',
      target: invoices,
      ttlSeconds: 60,
      effect: { principals: 1, calls: 4, others: 0 },
    },
  ],
  unsure: [],
}

const finding: Finding = {
  id: 'f-1',
  rule: 'type-drift',
  severity: 'medium',
  endpoint: invoices,
  title: 'Type drift: response:id',
  why: 'The specification says string.',
  fix: 'Bring both in line.',
  owasp: ['API9:2023'],
  evidence: ['c-1'],
}

const decision: DecisionRecord = {
  id: 'd-1',
  time: start + 3_000,
  action: 'block',
  phase: 'request',
  policy: 'no-export',
  mode: 'enforce',
  principal: mallory,
  endpoint: invoices,
  call: 'c-3',
  reason: 'Not allowed.',
}

const endpoint: Endpoint = {
  id: invoices,
  protocol: 'rest',
  host: 'api.shop.example',
  method: 'GET',
  template: '/invoices/{invoiceId}',
  calls: 20,
  statuses: { '200': 16, '404': 4 },
  firstSeen: start,
  lastSeen: start + 19_000,
  auth: [],
  dataClasses: { request: [], response: ['payment-card'] },
  fields: [{ side: 'response', field: 'card', dataClass: 'payment-card', values: 16 }],
  exposure: 'external',
  inventory: 'shadow',
  criticality: 'payment',
  risk: { score: 71, factors: [{ factor: 'data', points: 40, why: 'It returns card numbers.' }] },
  responseSchemas: {
    '200': { type: 'object', seen: 16, properties: { id: { type: 'integer', seen: 16 } }, required: ['id'] },
  },
}

/** Specified and never called. */
export const orphan: Endpoint = {
  ...endpoint,
  id: endpointId('DELETE', 'api.shop.example', '/invoices/{invoiceId}'),
  method: 'DELETE',
  calls: 0,
  statuses: {},
  dataClasses: { request: [], response: [] },
  fields: [],
  exposure: 'unknown',
  inventory: 'orphan',
  risk: { score: 0, factors: [] },
  responseSchemas: {},
}

/** Newest first. */
export const catalogChanges: readonly CatalogChange[] = [
  {
    id: 'ch-2',
    time: start + 10_000,
    kind: 'field-new',
    endpoint: invoices,
    side: 'response',
    field: 'card',
    after: 'string',
    dataClasses: ['payment-card'],
    sensitive: true,
  },
  { id: 'ch-1', time: start, kind: 'endpoint-new', endpoint: invoices, dataClasses: [], sensitive: false },
]

function sampleGraph(): Graph {
  const graph = new Graph()
  const seen = (after: number, count = 4) => ({ time: start + after, source: 'otlp' as const, count })
  const called = nodeId('endpoint', invoices)
  const billing = nodeId('workload', 'shop/billing')
  const store = nodeId('store', 'postgresql://db/shop/invoices')
  const account = nodeId('identity', 'service-account:shop/billing')
  graph.see(internet, called, 'calls', seen(1_000, 20))
  graph.see(nodeId('principal', mallory), called, 'calls', seen(1_000, 20))
  graph.see(called, billing, 'serves', seen(2_000, 20))
  graph.see(nodeId('workload', 'shop/front'), billing, 'calls', seen(2_500))
  graph.see(billing, store, 'reads', { ...seen(3_000), rows: 12 })
  graph.see(store, nodeId('data', 'payment-card'), 'carries', seen(4_000))
  graph.see(billing, account, 'runs-as', seen(4_000))
  const grant = { time: start, source: 'kubernetes' as const, count: 0, declared: true }
  graph.see(account, store, 'may', grant)
  graph.see(account, nodeId('store', 's3://backups'), 'may', grant)
  graph.describe(billing, start + 3_000, { namespace: 'shop', kind: 'Deployment', version: '1.4.2' })
  return graph
}

function sampleEvents(): RecentEvents {
  const recent = new RecentEvents()
  const workload = { namespace: 'shop', name: 'billing' }
  const node = nodeId('workload', 'shop/billing')
  const store = { system: 'postgresql', host: 'db', namespace: 'shop', collection: 'invoices' }
  const ran = { type: 'runtime' as const, workload, source: 'falco', action: 'process', object: '/bin/sh' }
  recent.note(node, { ...ran, id: 'e-1', time: start + 5_000, policy: 'Terminal shell in container' })
  recent.note(node, {
    type: 'access',
    id: 'e-2',
    time: start + 6_000,
    workload,
    store,
    operation: 'SELECT',
    rows: 12,
  })
  return recent
}

/** A policy at that stage; nobody of the sample is touched by it. */
export const samplePolicy = (mode: string): string =>
  `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: no-export }
spec:
  match: { endpoints: ["GET /export"] }
  action: { type: block }
  mode: ${mode}
`

/** Real stores, and the rest of a running system as plain values that tests can see into. */
export class SampleBackend implements Backend {
  readonly clock = new ManualClock(start + 60_000)
  readonly version = '0.0.0'
  readonly demo = false
  readonly startedAt = start
  readonly state: StateStore
  readonly calls = new MemoryCallStore()
  readonly policies: PolicyDesk
  readonly changes: Change[] = []
  readonly listeners = new Set<(event: LiveEvent) => void>()
  #bypass = false

  private constructor(state: StateStore) {
    this.state = state
    this.policies = new PolicyDesk({
      state,
      calls: this.calls,
      clock: this.clock,
      rollout: defaultRollout,
      snapshot: () => undefined,
      rolesAt: () => [],
      principal: () => undefined,
      automaticRollback: true,
      log: () => undefined,
      changed: () => this.changed('policies'),
    })
  }

  static async open(): Promise<SampleBackend> {
    const backend = new SampleBackend(await SqliteStateStore.open({ file: ':memory:' }))
    const { state } = backend
    await backend.calls.append(
      Array.from({ length: 20 }, (_, index) => storedCall(index)),
      'batch-1',
    )
    await state.putFindings({ signals: [signal], incidents: [incident] })
    await state.putCatalogFindings({ found: [finding], at: start })
    await state.putDecisions([decision])
    for (const [role, secret] of Object.entries(tokens)) {
      await state.putToken({
        id: `t-${role}`,
        name: role,
        role: role as Role,
        hash: hashSecret(secret),
        createdAt: start,
      })
    }
    return backend
  }

  emit(event: LiveEvent): void {
    for (const listener of this.listeners) listener(event)
  }

  gatewayUrl = () => 'http://127.0.0.1:8080'
  endpoints = () => [endpoint]
  endpoint(id: string) {
    if (id === orphan.id) return { endpoint: orphan, callers: [], owners: [] }
    if (id !== invoices) return undefined
    return {
      endpoint,
      callers: [{ principal: mallory, calls: 20, refused: 4, lastSeen: start + 19_000 }],
      owners: [
        {
          endpoint: invoices,
          scope: 'user' as const,
          field: 'owner',
          claim: 'sub',
          seen: 100,
          agreement: 0.99,
          principals: 9,
          exemptRoles: [],
        },
      ],
    }
  }
  principals = () => [
    {
      id: mallory,
      kind: 'user',
      tenant: acme,
      roles: ['customer'],
      calls: 20,
      risk: 92,
      firstSeen: start,
      lastSeen: start + 19_000,
      addresses: ['203.0.113.7'],
      devices: 1,
      endpoints: [{ endpoint: invoices, calls: 20 }],
    },
  ]
  sensors = () => [
    {
      id: 'gateway',
      kind: 'gateway',
      state: 'running' as const,
      events: 20,
      dropped: 0,
      rejected: 0,
      lastEventAt: start + 19_000,
    },
  ]
  stats = () => ({ callsPerSecond: 1, calls: 20, endpoints: 1, candidates: 0, principals: 1, dropped: 0 })
  detectorText = (id: string) =>
    id === 'owner-binding'
      ? { title: 'Reads what belongs to others', whenNotAnAttack: 'A support role that may.' }
      : undefined
  detectors = () =>
    allDetectors.map(facts => ({
      facts,
      enabled: true,
      options: Object.fromEntries(Object.entries(facts.options).map(([name, one]) => [name, one.default])),
      configured: {},
    }))
  async backtest({
    detector,
    options,
  }: {
    readonly detector: string
    readonly options: Readonly<Record<string, number>>
  }) {
    const run = { options: {}, signals: 0, principals: 0, millisPerThousandCalls: 1, state: 0 }
    return {
      ...{ detector, calls: 20, from: start, to: start + 19_000, truncated: false },
      ...{ before: run, after: { ...run, options, signals: 1 }, appeared: [signal], vanished: [] },
    }
  }
  counters = () => ({ 'sallyport_decisions_total{action="block"}': 1, 'not a name': 3 })
  /** From the internet to card numbers, and a grant that was never used. */
  readonly graph = sampleGraph()
  readonly recent = sampleEvents()
  askGraph = async <Kind extends GraphQuestionKind>(
    kind: Kind,
    ask: GraphQuestions[Kind]['ask'],
  ): Promise<GraphQuestions[Kind]['answer']> =>
    answerFrom(this.graph, kind, ask, {
      ownerOf: token => (token.startsWith('a'.repeat(12)) ? mallory : undefined),
      recent: this.recent,
    })
  catalogChanges = (): readonly CatalogChange[] => catalogChanges
  readonly reviews: MergeReview[] = []
  /** Of a catalog file; none while empty. */
  readonly pins: TemplatePin[] = []
  orphans = (): readonly Endpoint[] => [orphan]
  mergeReviews = () => this.reviews
  catalogFile = () => (this.pins.length === 0 ? undefined : { file: 'catalog.yaml', pins: this.pins })
  dataClasses = () => standardClasses
  catalogFindings = (query: CatalogFindingQuery) => this.state.catalogFindings(query)
  bypass = () => this.#bypass
  async setBypass(on: boolean): Promise<void> {
    this.#bypass = on
  }
  bypassStatus = () => ({ policies: [], local: { all: false, policies: [], file: '.sallyport/bypass' } })
  async changed(what: Change): Promise<void> {
    this.changes.push(what)
  }
  checkPolicy(source: string) {
    return policyCheck(source)
  }
  describePolicy = describePolicy
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export interface Sample {
  readonly backend: SampleBackend
  readonly server: ApiServer
  readonly app: FastifyInstance
  close(): Promise<void>
}

export async function sample(options: Partial<ApiServerOptions> = {}): Promise<Sample> {
  const backend = await SampleBackend.open()
  const server = new ApiServer({ host: '127.0.0.1', port: 0, backend, ...options })
  return {
    backend,
    server,
    app: await server.app(),
    close: async () => {
      await server.close()
      await backend.state.close()
    },
  }
}

export const bearer = (role: Role): { readonly authorization: string } => ({
  authorization: `Bearer ${tokens[role]}`,
})
