import type { ApiCall } from '../../call/api-call.ts'
import { stableHash } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { severityRank } from '../../kit/severity.ts'
import type { Endpoint, Match } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import { type JudgedCall, judgeCall } from './judge-call.ts'
import type { BoundOperation } from './match.ts'
import { retirementInHeaders } from './retirement.ts'
import type { DriftRule, Sighting } from './rule.ts'
import { deprecatedInUse } from './rules/deprecated-in-use.ts'
import { driftRules } from './rules/index.ts'

export interface DriftOptions {
  /** Places with drift that are remembered; at the bound new ones are counted and left out. */
  readonly places: number
  /** Places of one endpoint and rule, so that made-up parameters cannot fill the list. */
  readonly placesPerRule: number
  /** Calls named for each. */
  readonly evidence: number
}

export const defaultDriftOptions: DriftOptions = { places: 10_000, placesPerRule: 32, evidence: 20 }

interface Place extends Sighting {
  readonly rule: DriftRule
  endpoint: EndpointId
  calls: number
  readonly evidence: string[]
}

/**
 * Compares traffic with specifications, call by call, and tells what differs: one finding for each endpoint, rule and place,
 * with counts. Deterministic; traffic that keeps to its specification gives none.
 */
export class Drift {
  readonly #options: DriftOptions
  readonly #places = new Map<string, Place>()
  readonly #perRule = new Map<string, number>()
  /** First calls of endpoints that no specification has. */
  readonly #strangers = new Map<EndpointId, string[]>()
  #now = 0
  #dropped = 0

  constructor(options: Partial<DriftOptions> = {}) {
    this.#options = { ...defaultDriftOptions, ...options }
  }

  /** @param bound the operation that the call belongs to; undefined where no specification has one. */
  observe(call: ApiCall, match: Match, bound: BoundOperation | undefined): void {
    if (call.time > this.#now) this.#now = call.time
    if (bound === undefined) {
      this.#stranger(call, match)
      return
    }
    const judged: JudgedCall = judgeCall(call, bound, match.params)
    for (const rule of driftRules)
      for (const sighting of rule.call?.(judged) ?? []) this.#see(rule, match.endpoint, sighting, call)
  }

  /** An endpoint goes by another name now. */
  merged(from: EndpointId, to: EndpointId): void {
    const calls = this.#strangers.get(from)
    if (calls !== undefined) {
      this.#strangers.delete(from)
      const known = this.#strangers.get(to) ?? []
      this.#strangers.set(to, [...known, ...calls].slice(0, this.#options.evidence))
    }
    for (const [key, place] of this.#places) {
      if (place.endpoint !== from) continue
      this.#places.delete(key)
      place.endpoint = to
      const now = keyOf(place.rule, to, place.subject)
      const other = this.#places.get(now)
      if (other === undefined) this.#places.set(now, place)
      else {
        other.calls += place.calls
        other.evidence.push(...place.evidence.splice(0, this.#options.evidence - other.evidence.length))
      }
    }
  }

  #stranger(call: ApiCall, match: Match): void {
    const status = call.response?.status
    if (status === undefined || status < 200 || status >= 400) return
    const retirement = retirementInHeaders(call)
    if (retirement !== undefined)
      this.#see(
        deprecatedInUse,
        match.endpoint,
        { subject: '', expected: retirement.by, observed: retirement.past ? 'sunset' : 'deprecated' },
        call,
      )
    const known = this.#strangers.get(match.endpoint)
    if (known === undefined) {
      if (this.#strangers.size < this.#options.places) this.#strangers.set(match.endpoint, [call.id])
    } else if (known.length < this.#options.evidence) known.push(call.id)
  }

  #see(rule: DriftRule, endpoint: EndpointId, sighting: Sighting, call: ApiCall): void {
    const key = keyOf(rule, endpoint, sighting.subject)
    const known = this.#places.get(key)
    if (known !== undefined) {
      known.calls += 1
      if (known.evidence.length < this.#options.evidence) known.evidence.push(call.id)
      return
    }
    const group = `${endpoint}\0${rule.id}`
    const count = this.#perRule.get(group) ?? 0
    if (count >= this.#options.placesPerRule || this.#places.size >= this.#options.places) {
      this.#dropped += 1
      return
    }
    this.#perRule.set(group, count + 1)
    const { subject, expected, observed } = sighting
    this.#places.set(key, {
      rule,
      endpoint,
      subject,
      expected,
      observed,
      calls: 1,
      evidence: [call.id],
    })
  }

  /** Sightings left out at a bound. */
  get dropped(): number {
    return this.#dropped
  }

  size(): number {
    return this.#places.size + this.#strangers.size
  }

  /**
   * All findings, most severe first.
   *
   * @param endpoints as they stand, with their inventory.
   * @param boundOf the operation of an endpoint.
   */
  findings(
    endpoints: readonly Endpoint[],
    boundOf: (id: EndpointId) => BoundOperation | undefined,
  ): readonly Finding[] {
    const byId = new Map(endpoints.map(endpoint => [endpoint.id, endpoint]))
    const findings: Finding[] = []
    for (const place of this.#places.values())
      findings.push(this.#word(place, byId.get(place.endpoint), boundOf(place.endpoint)))
    for (const endpoint of endpoints) {
      for (const rule of driftRules) {
        for (const sighting of rule.endpoint?.(endpoint, boundOf(endpoint.id)) ?? []) {
          const evidence = this.#strangers.get(endpoint.id) ?? []
          const place: Place = { ...sighting, rule, endpoint: endpoint.id, calls: endpoint.calls, evidence }
          findings.push(this.#word(place, endpoint, boundOf(endpoint.id)))
        }
      }
    }
    return findings.sort(
      (a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.id < b.id ? -1 : 1),
    )
  }

  #word(place: Place, endpoint: Endpoint | undefined, bound: BoundOperation | undefined): Finding {
    const { rule, subject, expected, observed, calls, evidence } = place
    const dataClasses = endpoint === undefined ? [] : classesAt(endpoint, subject)
    const sighted = { subject, expected, observed, calls, endpoint, bound, dataClasses, now: this.#now }
    return {
      id: `${rule.id}-${stableHash([rule.id, place.endpoint, subject])}`,
      rule: rule.id,
      severity: rule.severity(sighted),
      endpoint: place.endpoint,
      title: subject === '' ? rule.title : `${rule.title}: ${subject}`,
      why: rule.why(sighted),
      fix: rule.fix(sighted),
      owasp: rule.owasp,
      evidence: [...evidence],
    }
  }
}

const keyOf = (rule: DriftRule, endpoint: EndpointId, subject: string): string =>
  `${rule.id}\0${endpoint}\0${subject}`

function classesAt(endpoint: Endpoint, subject: string): readonly string[] {
  const colon = subject.indexOf(':')
  const kind = subject.slice(0, colon)
  const side = kind === 'response' ? 'response' : 'request'
  const name = kind === 'request' || kind === 'response' ? subject.slice(colon + 1) : subject
  const classes = endpoint.fields.flatMap(field =>
    field.side === side &&
    (field.field === name || field.field.startsWith(`${name}.`) || field.field.startsWith(`${name}[]`))
      ? [field.dataClass]
      : [],
  )
  return [...new Set(classes)].sort()
}
