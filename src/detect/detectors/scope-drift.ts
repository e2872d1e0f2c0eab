import type { Observation } from '../../baseline/observation.ts'
import type { SlotMap } from '../../baseline/slot-map.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { counted, methodOf } from '../words.ts'

const hour = 3_600_000
const day = 24 * hour

/** What a settled caller did for the first time, lately. */
interface Novelty {
  from: number
  last: number
  readonly endpoints: Map<string, CallId>
  writes: number
  refused: number
  raised: boolean
}

/** How often settled callers of an application do new things: a release gives everybody some. */
interface Custom {
  readonly principals: Map<PrincipalId, number>
}

/** Programs and agents whose credential is used for more than it ever was, and read-only credentials that write. */
class ScopeDriftRun implements DetectorRun, Component {
  readonly #context: DetectContext
  readonly #novelties: SlotMap<Novelty>
  #customs = new BoundedMap<string, Custom>(20_000)
  /** Host → principals whose credential is for reading, and who write. */
  #writers = new BoundedMap<string, Set<PrincipalId>>(1_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#novelties = context.baseline.map(context.option('callers'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' && o.outcome !== 'refused') return []
    const status = o.call.response?.status
    if (status === 401 || status === 404 || status === 429) return []
    const reader = this.#reader(o)
    if (reader !== undefined) return [reader]
    const { kind } = o.identity
    if (kind !== 'service' && kind !== 'apikey' && kind !== 'agent') return []
    return this.#novel(o)
  }

  size(): number {
    return this.#novelties.size + this.#customs.size + this.#writers.size
  }

  save(): unknown {
    const saved: Saved = { novelties: this.#novelties.save(), customs: this.#customs, writers: this.#writers }
    return saved
  }

  load(saved: unknown): void {
    const { novelties, customs, writers } = saved as Saved
    this.#novelties.load(novelties)
    this.#customs = customs
    this.#writers = writers
  }

  /** A credential whose every scope is for reading, and a write that worked. */
  #reader(o: Observation): Finding | undefined {
    const { method } = o.call.request
    if (o.outcome !== 'success' || methodOf(o) === 'GET') return undefined
    const scopes = o.identity.roles.filter(role => role.startsWith('scope:')).map(role => role.slice(6))
    if (scopes.length === 0) return undefined
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || o.match.operation?.kind === 'read')
      return undefined
    if (
      !scopes.every(scope => readOnly.test(scope) || identityScope.test(scope)) ||
      !scopes.some(scope => readOnly.test(scope))
    )
      return undefined
    if (/(?:search|query|logout|log-out|refresh|token|session|report)s?(?:\/|$)/i.test(o.match.template))
      return undefined
    const writers = this.#writers.ensure(`${o.call.destination.host}\0${o.match.endpoint}`, () => new Set())
    const customary = writers.size >= this.#context.option('customary') && !writers.has(o.identity.principal)
    if (o.learning) {
      if (writers.size < 16) writers.add(o.identity.principal)
      return undefined
    }
    if (customary || writers.has(o.identity.principal)) return undefined
    return {
      message: 'wrote',
      observed: { principal: o.identity.principal, scopes: scopes.join(' '), endpoint: o.match.endpoint },
      expected: { scope: 'a scope that is not for reading alone' },
      attempt: false,
      confidence: 0.75,
      severity: 'medium',
      ...blame(o),
      evidence: [o.call.id],
      key: `wrote\0${o.identity.principal}\0${o.match.endpoint}`,
    }
  }

  #novel(o: Observation): readonly Finding[] {
    const { principal } = o.identity
    const profile = this.#context.baseline.profile(principal)
    if (profile === undefined || profile.forgotten) return []
    const { time } = o.call
    const settled =
      profile.calls >= this.#context.option('calls') &&
      time - profile.firstSeen >= this.#context.option('days') * day &&
      profile.endpoints <= this.#context.option('endpoints')
    const novelty = this.#novelties.get(profile.slot)
    const known = novelty?.endpoints.has(o.match.endpoint) === true
    if (!known && (!settled || profile.hasUsed(o.match.endpoint) !== false || this.#isNew(o))) return []
    const quiet = this.#context.option('quietHours') * hour
    const current =
      novelty !== undefined && time - novelty.last <= quiet
        ? novelty
        : {
            from: time,
            last: time,
            // What was found once is no habit because it was done.
            endpoints: novelty?.raised === true ? novelty.endpoints : new Map<string, CallId>(),
            writes: 0,
            refused: 0,
            raised: novelty?.raised === true,
          }
    if (current !== novelty) this.#novelties.set(profile.slot, current)
    current.last = time
    if (!known) {
      if (current.endpoints.size < 32) current.endpoints.set(o.match.endpoint, o.call.id)
      if (methodOf(o) !== 'GET') current.writes += 1
    }
    if (o.outcome === 'refused') current.refused += 1
    const enough =
      current.raised ||
      current.endpoints.size >= this.#context.option('novel') ||
      (current.endpoints.size >= 2 && (current.writes > 0 || current.refused > 0))
    if (o.learning || !enough || this.#isRelease(o, time)) return []
    const evidence = current.raised ? [o.call.id] : [...current.endpoints.values()]
    current.raised = true
    const attempt = o.outcome === 'refused'
    return [
      {
        message: 'drifted',
        observed: {
          principal,
          what: counted(current.endpoints.size, 'endpoint'),
          endpoints: [...current.endpoints.keys()].slice(0, 8),
          refused: current.refused,
          calls: profile.calls,
        },
        expected: { endpoints: profile.endpoints, calls: profile.calls, days: profile.activeDays },
        attempt,
        confidence: current.endpoints.size >= 5 ? 0.8 : 0.7,
        severity: attempt ? 'medium' : 'high',
        ...blame(o),
        evidence: evidence.includes(o.call.id) ? evidence : [...evidence, o.call.id],
        key: `drifted\0${principal}\0${current.from}\0${attempt ? 'attempt' : 'success'}`,
      },
    ]
  }

  /** Nobody used the endpoint before these days: it is new, and not the caller. */
  #isNew(o: Observation): boolean {
    const endpoint = this.#context.baseline.endpoint(o.match.endpoint)
    return endpoint === undefined || endpoint.count('success') < this.#context.option('endpointCalls')
  }

  /** Several programs take up the same endpoint within days: a release of theirs. */
  #isRelease(o: Observation, time: number): boolean {
    const { principals } = this.#customs.ensure(o.match.endpoint, () => ({ principals: new Map() }))
    principals.set(o.identity.principal, time)
    for (const [principal, last] of principals)
      if (time - last > 3 * day || principals.size > 16) principals.delete(principal)
    return principals.size >= this.#context.option('customary')
  }
}

interface Saved {
  readonly novelties: unknown
  readonly customs: BoundedMap<string, Custom>
  readonly writers: BoundedMap<string, Set<PrincipalId>>
}

const readOnly = /(?:^|[.:_/-])(?:read|readonly|read-only|view|viewer|list|get)(?:$|[.:_/-])/i
/** Scopes of OpenID Connect: who somebody is, not what may be done. */
const identityScope = /^(?:openid|profile|email|phone|address|offline_access)$/

export const scopeDrift = defineDetector({
  id: 'scope-drift',
  title: 'A credential used for more than before',
  summary:
    'Programs and agents do the same things every day: one whose credential reaches for endpoints it never used, several at a time or with writes, is used by somebody else or for something else. Also a credential with scopes for reading alone that writes.',
  family: 'token',
  severity: 'medium',
  owasp: ['API2:2023', 'API5:2023'],
  attack: ['T1550.001', 'T1078.004'],
  options: {
    callers: { default: 20_000, reason: 'Callers that do something new remembered, about 300 bytes each.' },
    calls: { default: 200, reason: 'Two hundred calls show what a program does.' },
    days: { default: 2, reason: 'Two days show its jobs.' },
    endpoints: { default: 40, reason: 'Who uses more than forty endpoints is no program with one task.' },
    novel: { default: 3, reason: 'Three endpoints it never used, without a quiet half day between them.' },
    quietHours: { default: 12, reason: 'Half a day without anything new ends a stretch.' },
    customary: { default: 3, reason: 'Three programs that take up the same: a release.' },
    endpointCalls: { default: 20, reason: 'An endpoint with fewer calls of others is itself new.' },
  },
  messages: {
    drifted: '{principal} used {what} for the first time, after {calls} calls without.',
    wrote: '{principal} wrote to {endpoint} with a credential for reading alone ({scopes}).',
  },
  whenNotAnAttack: 'The program has a new version or a yearly task, or its owner gave it a new one.',
  examples: {
    fires: [
      `bob GET /customers/{1..30} every 1m -> 200 {"id":1}
bob GET /payouts every 1m x 30 -> 200 []
bob POST /users body={"name":"x"} every 1m x 30 -> 201 {"id":1}
sync kind=service GET /orders every 15m x 260 -> 200 []
sync kind=service GET /customers/{1..3} every 10s -> 200 {"id":1}
sync kind=service GET /payouts -> 200 []
sync kind=service POST /users body={"name":"x"} -> 201 {"id":1}`,
      'reporting kind=service claims={"scope":"orders:read"} roles=scope:orders:read DELETE /orders/{7} -> 204',
    ],
    quiet: [
      `sync kind=service GET /orders every 15m x 260 -> 200 []
sync kind=service GET /orders/new every 10s x 3 -> 200 []`,
      `sync kind=service GET /orders every 15m x 60 -> 200 []
sync kind=service GET /customers every 15m x 60 -> 200 []`,
      'app kind=service roles=scope:orders:read,scope:orders:write DELETE /orders/{7} -> 204',
    ],
  },
  create: context => new ScopeDriftRun(context),
})
