import type { ApiCall } from '../../call/api-call.ts'
import { stableHash } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { severityRank } from '../../kit/severity.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { Endpoint, Match } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import { findingTitle } from '../finding-title.ts'
import { type SightedPlace, type SightingOptions, Sightings } from '../findings/sightings.ts'
import { type JudgedCall, judgeCall } from './judge-call.ts'
import type { BoundOperation } from './match.ts'
import { retirementInHeaders } from './retirement.ts'
import type { DriftRule } from './rule.ts'
import { deprecatedInUse } from './rules/deprecated-in-use.ts'
import { driftRules } from './rules/index.ts'

export interface DriftOptions extends SightingOptions {
  /** Share of a specification's endpoints, and least number, beyond which a rule that folds tells one finding of them all. */
  readonly foldShare: number
  readonly foldAt: number
}

export const defaultDriftOptions: DriftOptions = {
  places: 10_000,
  placesPerRule: 32,
  evidence: 20,
  foldShare: 0.2,
  foldAt: 5,
}

type Place = SightedPlace<DriftRule>

/**
 * Compares traffic with specifications, call by call, and tells what differs: one finding for each endpoint, rule and place,
 * with counts. Deterministic; traffic that keeps to its specification gives none.
 */
export class Drift {
  private readonly options: DriftOptions
  private readonly sightings: Sightings<DriftRule>
  /** First calls of endpoints that no specification has. */
  private readonly strangers = new Map<EndpointId, string[]>()
  private now = 0

  constructor(options: Partial<DriftOptions> = {}) {
    this.options = { ...defaultDriftOptions, ...options }
    this.sightings = new Sightings(this.options)
  }

  /** @param bound the operation that the call belongs to; undefined where no specification has one. */
  observe(call: ApiCall, match: Match, bound: BoundOperation | undefined): void {
    if (call.time > this.now) this.now = call.time
    if (bound === undefined) {
      this.stranger(call, match)
      return
    }
    const judged: JudgedCall = judgeCall(call, bound, match.params)
    for (const rule of driftRules)
      for (const sighting of rule.call?.(judged) ?? [])
        this.sightings.see(rule, match.endpoint, sighting, call.id)
  }

  /** An endpoint goes by another name now. */
  merged(from: EndpointId, to: EndpointId): void {
    const calls = this.strangers.get(from)
    if (calls !== undefined) {
      this.strangers.delete(from)
      const known = this.strangers.get(to) ?? []
      this.strangers.set(to, [...known, ...calls].slice(0, this.options.evidence))
    }
    this.sightings.merged(from, to)
  }

  private stranger(call: ApiCall, match: Match): void {
    const status = call.response?.status
    if (status === undefined || status < 200 || status >= 400) return
    const retirement = retirementInHeaders(call)
    if (retirement !== undefined)
      this.sightings.see(
        deprecatedInUse,
        match.endpoint,
        { subject: '', expected: retirement.by, observed: retirement.past ? 'sunset' : 'deprecated' },
        call.id,
      )
    const known = this.strangers.get(match.endpoint)
    if (known === undefined) {
      if (this.strangers.size < this.options.places) this.strangers.set(match.endpoint, [call.id])
    } else if (known.length < this.options.evidence) known.push(call.id)
  }

  /** Sightings left out at a bound. */
  get dropped(): number {
    return this.sightings.dropped
  }

  size(): number {
    return this.sightings.size + this.strangers.size
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
    const folded = this.folded(endpoints, boundOf)
    for (const group of folded) findings.push(this.wordGroup(group))
    const told = new Set(folded.flat())
    for (const place of this.sightings.places())
      if (!told.has(place)) findings.push(this.word(place, byId.get(place.endpoint), boundOf(place.endpoint)))
    for (const endpoint of endpoints) {
      for (const rule of driftRules) {
        for (const sighting of rule.endpoint?.(endpoint, boundOf(endpoint.id)) ?? []) {
          const evidence = this.strangers.get(endpoint.id) ?? []
          const place: Place = { ...sighting, rule, endpoint: endpoint.id, calls: endpoint.calls, evidence }
          findings.push(this.word(place, endpoint, boundOf(endpoint.id)))
        }
      }
    }
    return findings.sort(
      (a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.id < b.id ? -1 : 1),
    )
  }

  /** Places that are one finding together: the same rule at too many endpoints of one specification. */
  private folded(
    endpoints: readonly Endpoint[],
    boundOf: (id: EndpointId) => BoundOperation | undefined,
  ): readonly (readonly [Place, ...Place[]])[] {
    const sizes = new Map<unknown, number>()
    for (const { id } of endpoints) {
      const specification = boundOf(id)?.specification
      sizes.set(specification, (sizes.get(specification) ?? 0) + 1)
    }
    const groups = new Map<unknown, Map<DriftRule, [Place, ...Place[]]>>()
    for (const place of this.sightings.places()) {
      const specification = boundOf(place.endpoint)?.specification
      if (place.rule.folds !== true || specification === undefined) continue
      const rules = groups.get(specification) ?? new Map<DriftRule, [Place, ...Place[]]>()
      groups.set(specification, rules)
      const list = rules.get(place.rule)
      if (list === undefined) rules.set(place.rule, [place])
      else list.push(place)
    }
    return [...groups].flatMap(([specification, rules]) =>
      [...rules.values()].filter(places => {
        const count = new Set(places.map(({ endpoint }) => endpoint)).size
        return (
          count >= this.options.foldAt && count > this.options.foldShare * (sizes.get(specification) ?? 0)
        )
      }),
    )
  }

  private wordGroup(places: readonly [Place, ...Place[]]): Finding {
    const [{ rule, endpoint }] = places
    const endpoints = [...new Set(places.map(place => place.endpoint))].sort()
    const named = endpoints.slice(0, 5).map(id => `\`${id}\``)
    return {
      id: `${rule.id}-${stableHash([rule.id, 'folded', endpoints[0] ?? ''])}`,
      rule: rule.id,
      severity: 'low',
      endpoint: endpoints[0] ?? endpoint,
      title: findingTitle(rule.title, `${places.length} places of ${endpoints.length} endpoints`),
      why: `So many endpoints differ that it is the specification which is not kept: ${named.join(', ')}${
        endpoints.length > named.length ? ` and ${endpoints.length - named.length} more` : ''
      }.`,
      fix: 'Bring the specification in line with what the API does; single differences are told once few are left.',
      owasp: rule.owasp,
      evidence: [...new Set(places.flatMap(place => place.evidence.slice(0, 1)))].slice(
        0,
        this.options.evidence,
      ),
    }
  }

  private word(place: Place, endpoint: Endpoint | undefined, bound: BoundOperation | undefined): Finding {
    const { rule, subject, expected, observed, calls, evidence } = place
    const dataClasses = endpoint === undefined ? [] : classesAt(endpoint, subject)
    const sighted = { subject, expected, observed, calls, endpoint, bound, dataClasses, now: this.now }
    return {
      id: `${rule.id}-${stableHash([rule.id, place.endpoint, subject])}`,
      rule: rule.id,
      severity: rule.severity(sighted),
      endpoint: place.endpoint,
      title: findingTitle(rule.title, subject),
      why: rule.why(sighted),
      fix: rule.fix(sighted),
      owasp: rule.owasp,
      evidence: [...evidence],
    }
  }

  static {
    keptWhole(Drift, 'catalog/drift', 1)
  }
}

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
