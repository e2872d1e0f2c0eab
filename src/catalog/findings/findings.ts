import type { ApiCall } from '../../call/api-call.ts'
import type { Identity } from '../../identity/identity.ts'
import { stableHash } from '../../kit/hash.ts'
import type { CallId, EndpointId } from '../../kit/id.ts'
import { severityRank } from '../../kit/severity.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { Endpoint, Match } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import { findingTitle } from '../finding-title.ts'
import type { ToolChange } from '../operations/tool-definitions.ts'
import type { FindingRule } from './rule.ts'
import { findingRules } from './rules/index.ts'
import { type SightedPlace, type SightingOptions, Sightings } from './sightings.ts'

export const defaultFindingOptions: SightingOptions = { places: 10_000, placesPerRule: 32, evidence: 20 }

/**
 * What is wrong with endpoints by themselves, whether a specification was given or not: one finding for each endpoint, rule
 * and place, with counts. Deterministic.
 */
export class Findings {
  private readonly options: SightingOptions
  private readonly sightings: Sightings<FindingRule>

  constructor(options: Partial<SightingOptions> = {}) {
    this.options = { ...defaultFindingOptions, ...options }
    this.sightings = new Sightings(this.options)
  }

  /** Takes in a call, or one operation's part of it, at its place. */
  observe(call: ApiCall, match: Match, identity: Identity): void {
    const status = call.response?.status
    const { operation } = match
    const succeeded = status !== undefined && status >= 200 && status < 400 && operation?.failed !== true
    for (const rule of findingRules)
      for (const sighting of rule.call?.({ call, match, identity, succeeded }) ?? [])
        this.sightings.see(rule, match.endpoint, sighting, call.id)
  }

  /** An endpoint goes by another name now. */
  merged(from: EndpointId, to: EndpointId): void {
    this.sightings.merged(from, to)
  }

  /** Sightings left out at a bound. */
  get dropped(): number {
    return this.sightings.dropped
  }

  get size(): number {
    return this.sightings.size
  }

  /**
   * All findings, most severe first.
   *
   * @param endpoints as they stand
   * @param changes of the tools that MCP servers list, oldest first
   * @param resolve the id an endpoint goes by now
   */
  findings(
    endpoints: readonly Endpoint[],
    changes: readonly ToolChange[],
    resolve: (id: EndpointId) => EndpointId,
  ): readonly Finding[] {
    const byId = new Map(endpoints.map(endpoint => [endpoint.id, endpoint]))
    const tools = new Sightings<FindingRule>(this.options)
    for (const change of changes)
      for (const rule of findingRules)
        for (const sighting of rule.tool?.(change) ?? [])
          tools.see(rule, resolve(change.endpoint), sighting, change.call as CallId)
    return [...this.sightings.places(), ...tools.places()]
      .map(place => word(place, byId.get(place.endpoint)))
      .sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.id < b.id ? -1 : 1))
  }

  static {
    keptWhole(Findings, 'catalog/findings', 1)
  }
}

function word(place: SightedPlace<FindingRule>, endpoint: Endpoint | undefined): Finding {
  const { rule, subject, expected, observed, calls, evidence } = place
  const fact = { subject, expected, observed, calls, endpoint }
  return {
    id: `${rule.id}-${stableHash([rule.id, place.endpoint, subject])}`,
    rule: rule.id,
    severity: rule.severity(fact),
    endpoint: place.endpoint,
    title: findingTitle(rule.title, subject),
    why: rule.why(fact),
    fix: rule.fix(fact),
    owasp: rule.owasp,
    evidence: [...evidence],
  }
}
