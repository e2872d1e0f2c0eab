import type { CallId, EndpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'

/** What a rule says about one call: the same subject again is the same finding. */
export interface Sighting {
  /** What in the endpoint it is about: `query:q`, `response:items[].card`, `status:202`; empty for the endpoint itself. */
  readonly subject: string
  readonly expected: string
  readonly observed: string
}

export interface SightingOptions {
  /** Places that are remembered; at the bound new ones are counted and left out. */
  readonly places: number
  /** Places of one endpoint and rule, so that made-up names cannot fill the list. */
  readonly placesPerRule: number
  /** Calls named for each. */
  readonly evidence: number
}

/** A sighting with where it was made, how often, and the calls that show it. */
export interface SightedPlace<Rule> extends Sighting {
  readonly rule: Rule
  endpoint: EndpointId
  calls: number
  readonly evidence: string[]
}

/** What rules saw, by rule, endpoint and subject. Bounded; the first of a place says what it is. */
export class Sightings<Rule extends { readonly id: string }> {
  private readonly options: SightingOptions
  private readonly _places = new Map<string, SightedPlace<Rule>>()
  private readonly perRule = new Map<string, number>()
  private _dropped = 0

  constructor(options: SightingOptions) {
    this.options = options
  }

  see(rule: Rule, endpoint: EndpointId, sighting: Sighting, call: CallId): void {
    const key = keyOf(rule, endpoint, sighting.subject)
    const known = this._places.get(key)
    if (known !== undefined) {
      known.calls += 1
      if (known.evidence.length < this.options.evidence) known.evidence.push(call)
      return
    }
    const group = `${endpoint}\0${rule.id}`
    const count = this.perRule.get(group) ?? 0
    if (count >= this.options.placesPerRule || this._places.size >= this.options.places) {
      this._dropped += 1
      return
    }
    this.perRule.set(group, count + 1)
    const { subject, expected, observed } = sighting
    this._places.set(key, { rule, endpoint, subject, expected, observed, calls: 1, evidence: [call] })
  }

  /** An endpoint goes by another name now. */
  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, place] of this._places) {
      if (place.endpoint !== from) continue
      this._places.delete(key)
      place.endpoint = to
      const now = keyOf(place.rule, to, place.subject)
      const other = this._places.get(now)
      if (other === undefined) this._places.set(now, place)
      else {
        other.calls += place.calls
        other.evidence.push(...place.evidence.splice(0, this.options.evidence - other.evidence.length))
      }
    }
  }

  places(): IterableIterator<SightedPlace<Rule>> {
    return this._places.values()
  }

  get size(): number {
    return this._places.size
  }

  /** Sightings left out at a bound. */
  get dropped(): number {
    return this._dropped
  }

  static {
    keptWhole(Sightings, 'catalog/sightings', 1)
  }
}

const keyOf = (rule: { readonly id: string }, endpoint: EndpointId, subject: string): string =>
  `${rule.id}\0${endpoint}\0${subject}`
