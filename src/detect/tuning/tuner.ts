import { BoundedMap } from '../../kit/bounded-map.ts'
import { type Correction, isotonicCorrection, type Judged, plattCorrection } from '../../kit/calibration.ts'
import type { EndpointId, IncidentId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import type { DetectorFacts, Finding } from '../detector.ts'
import { NoiseBudget, type NoiseBudgetOptions, scoreOf } from './noise-budget.ts'
import type { DetectorStanding, SuppressionHits } from './standing.ts'
import type { Suppression } from './suppression.ts'
import { type Feedback, noTuning, type Tuning } from './tuning.ts'

/** Words on a detector from which on its confidence is corrected at all, and by isotonic regression. */
const leastWords = 10
const isotonicWords = 50
/** However much a detector was mistaken: what it says is not silenced, and never certain. */
const [least, most] = [0.05, 0.99]
const mostAliases = 20_000
const mostHits = 10_000

interface Calibration {
  readonly method: 'none' | 'platt' | 'isotonic'
  readonly n: number
  readonly correct: Correction
}

const uncalibrated = (n: number): Calibration => ({ method: 'none', n, correct: score => score })

/** What becomes of a finding. */
export type Judgement =
  | { readonly suppressed: Suppression }
  | { readonly held?: { readonly score: number; readonly threshold: number } }

/**
 * What people said of detection, applied to what detectors find: dismissals, corrections of confidence, the noise budget. Every word counts
 * from its own time on, by the calls' clock.
 */
export class Tuner implements Component {
  #tuning: Tuning = noTuning
  #byDetector: ReadonlyMap<string, readonly Suppression[]> = new Map()
  /** In the order of their times; those before the mark count already. */
  #words: readonly Feedback[] = []
  #heard = 0
  readonly #calibrations = new Map<string, Calibration>()
  #dismissals: readonly { readonly incident: IncidentId; readonly at: number }[] = []
  #obeyed = new Set<string>()
  #hits = new BoundedMap<string, { hits: number; lastHit: number }>(mostHits)
  /** Endpoints that were folded into others. */
  #aliases = new BoundedMap<EndpointId, EndpointId>(mostAliases)
  #budget: NoiseBudget

  constructor(budget: Partial<NoiseBudgetOptions> = {}) {
    this.#budget = new NoiseBudget(budget)
  }

  get tuning(): Tuning {
    return this.#tuning
  }

  tune(tuning: Tuning): void {
    this.#tuning = tuning
    const byDetector = new Map<string, Suppression[]>()
    for (const suppression of tuning.suppressions) {
      const known = byDetector.get(suppression.detector)
      if (known === undefined) byDetector.set(suppression.detector, [suppression])
      else known.push(suppression)
    }
    this.#byDetector = byDetector
    this.#words = [...tuning.feedback].sort((a, b) => a.at - b.at || (a.incident < b.incident ? -1 : 1))
    this.#heard = 0
    this.#calibrations.clear()
    const dismissed = new Map<string, number>()
    for (const { incident, at } of tuning.suppressions)
      dismissed.set(incident, Math.min(at, dismissed.get(incident) ?? at))
    this.#dismissals = [...dismissed].map(([incident, at]) => ({ incident: incident as IncidentId, at }))
    const known = new Set(this.#dismissals.map(keyOf))
    for (const key of this.#obeyed) if (!known.has(key)) this.#obeyed.delete(key)
  }

  /** Incidents that were dismissed by now and not told before: nothing more belongs to them. */
  dismissed(time: number): readonly IncidentId[] {
    if (this.#obeyed.size === this.#dismissals.length) return []
    const now: IncidentId[] = []
    for (const dismissal of this.#dismissals) {
      if (dismissal.at > time || this.#obeyed.has(keyOf(dismissal))) continue
      this.#obeyed.add(keyOf(dismissal))
      now.push(dismissal.incident)
    }
    return now
  }

  /** @param endpoints There are now. */
  judge(definition: DetectorFacts, finding: Finding, time: number, endpoints: number): Judgement {
    const suppressed = this.suppressedBy(definition.id, finding, time)
    if (suppressed !== undefined) {
      const before = this.#hits.get(suppressed.id)
      this.#hits.set(suppressed.id, { hits: (before?.hits ?? 0) + 1, lastHit: time })
      return { suppressed }
    }
    const { severity = definition.severity } = finding
    if (definition.kind !== 'statistical' || severity === 'critical') return {}
    const score = scoreOf(finding.observed, finding.expected)
    const actor = finding.actor ?? finding.principal
    const held = this.#budget.judge(definition.id, actor, score, time, endpoints)
    return held === undefined ? {} : { held }
  }

  /** The dismissal that covers it at its time. */
  suppressedBy(
    detector: string,
    { actor, principal, endpoint, attempt }: Pick<Finding, 'actor' | 'principal' | 'endpoint' | 'attempt'>,
    time: number,
  ): Suppression | undefined {
    const who = actor ?? principal
    return this.#byDetector.get(detector)?.find(one => {
      if (time < one.at || time >= Math.min(one.expiresAt, one.removedAt ?? one.expiresAt)) return false
      if (one.attemptsOnly && !attempt) return false
      if (one.scope !== 'detector-endpoint' && one.actor !== who) return false
      return (
        one.scope === 'actor-detector' ||
        this.#nameNow(one.endpoint) === (endpoint === undefined ? undefined : this.#nameNow(endpoint))
      )
    })
  }

  /** The detector's confidence as people's words by that time correct it; undefined where they do not. */
  calibrate(
    detector: string,
    confidence: number,
    time: number,
  ): { readonly confidence: number; readonly n: number } | undefined {
    this.#hear(time)
    const { method, n, correct } = this.#calibrationOf(detector)
    if (method === 'none') return undefined
    return { confidence: Math.min(most, Math.max(least, correct(confidence))), n }
  }

  merged(from: EndpointId, to: EndpointId): void {
    this.#aliases.set(from, to)
  }

  standing(definition: DetectorFacts, now: number): DetectorStanding {
    this.#hear(now)
    const { method, n } = this.#calibrationOf(definition.id)
    let suppressed = 0
    for (const { id } of this.#byDetector.get(definition.id) ?? [])
      suppressed += this.#hits.peek(id)?.hits ?? 0
    const statistical = definition.kind === 'statistical'
    return {
      detector: definition.id,
      suppressed,
      held: statistical ? this.#budget.held(definition.id, now) : 0,
      threshold: statistical
        ? this.#budget.threshold(definition.id)
        : { value: 0, base: 0, why: 'One call or a fixed rule is its evidence: nothing of it is held back.' },
      calibration: { method, n },
    }
  }

  hits(): readonly SuppressionHits[] {
    return [...this.#hits.entries()].map(([id, hit]) => ({ id, ...hit }))
  }

  #nameNow(endpoint: string | undefined): string | undefined {
    let name = endpoint
    for (let hops = 0; hops < 16 && name !== undefined; hops += 1) {
      const next = this.#aliases.peek(name as EndpointId)
      if (next === undefined) return name
      name = next
    }
    return name
  }

  #hear(time: number): void {
    let word = this.#words[this.#heard]
    while (word !== undefined && word.at <= time) {
      this.#heard += 1
      for (const { detector } of word.said) this.#calibrations.delete(detector)
      word = this.#words[this.#heard]
    }
  }

  #calibrationOf(detector: string): Calibration {
    const known = this.#calibrations.get(detector)
    if (known !== undefined) return known
    const judged: Judged[] = []
    for (const { verdict, said } of this.#words.slice(0, this.#heard))
      for (const one of said)
        if (one.detector === detector) judged.push({ score: one.confidence, right: verdict === 'attack' })
    const n = judged.length
    const made: Calibration =
      n < leastWords
        ? uncalibrated(n)
        : n < isotonicWords
          ? { method: 'platt', n, correct: plattCorrection(judged) }
          : { method: 'isotonic', n, correct: isotonicCorrection(judged) }
    this.#calibrations.set(detector, made)
    return made
  }

  /** Not the words themselves: whoever goes on hands them in again. */
  save() {
    return { obeyed: this.#obeyed, hits: this.#hits, aliases: this.#aliases, budget: this.#budget }
  }

  load(saved: ReturnType<Tuner['save']>): void {
    this.#obeyed = saved.obeyed
    this.#hits = saved.hits
    this.#aliases = saved.aliases
    this.#budget = saved.budget
  }
}

const keyOf = ({ incident, at }: { readonly incident: string; readonly at: number }): string =>
  `${incident}\0${at}`
