import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'
import type { Baseline } from './baseline.ts'
import type { Observation } from './observation.ts'
import { isWrite } from './role-matrix.ts'
import type { SlotColumn } from './slot-column.ts'

/** A step that comes before another: whoever did `endpoint` had done `requires` shortly before. */
export interface FlowRule {
  readonly endpoint: EndpointId
  readonly requires: EndpointId
  /** Sessions with `endpoint`, and the share of these with `requires` among their last steps, 0 to 1. */
  readonly sessions: number
  readonly share: number
  /** How much more often than in any session. */
  readonly lift: number
  readonly principals: number
}

export interface FlowOrderOptions {
  /** Endpoints whose predecessors are counted; the longest unused is forgotten. */
  readonly targets: number
  /** Predecessors counted of one. */
  readonly predecessors: number
  /** Endpoints known by number. */
  readonly endpoints: number
  readonly sessions: number
  readonly principals: number
  readonly share: number
  readonly lift: number
  /** Rules of one endpoint. */
  readonly rules: number
  readonly idleMs: number
}

export const defaultFlowOrderOptions: FlowOrderOptions = {
  targets: 1_000,
  predecessors: 64,
  endpoints: 20_000,
  sessions: 60,
  principals: 10,
  share: 0.99,
  lift: 1.5,
  rules: 5,
  idleMs: 1_800_000,
}

/** What came before one endpoint. Plain data. */
interface Target {
  sessions: number
  /** Hashes of the principals, the first few. */
  readonly by: number[]
  readonly before: Map<number, number>
  rules: readonly FlowRule[]
  nextCheck: number
}

const ring = 20
const none: readonly never[] = []

/**
 * Which endpoints come before which, by sessions: a principal’s calls until it was idle for half an hour. Mines, for endpoints that change
 * something, the steps that (nearly) always came among the last twenty calls, and more often there than elsewhere.
 */
export class FlowOrder {
  readonly #options: FlowOrderOptions
  readonly #baseline: Baseline
  /** Numbers of the session's last endpoints, plus one; the place of the next is behind them. */
  readonly #steps: SlotColumn
  readonly #last: SlotColumn
  readonly #began: SlotColumn
  readonly #numbers: BoundedMap<EndpointId, number>
  readonly #names = new Map<number, EndpointId>()
  readonly #targets: BoundedMap<EndpointId, Target>
  /** Sessions with each endpoint, and all. */
  readonly #seen = new Map<number, number>()
  #sessions = 0
  #next = 1
  #since = Number.POSITIVE_INFINITY

  constructor(baseline: Baseline, options: Partial<FlowOrderOptions> = {}) {
    this.#options = { ...defaultFlowOrderOptions, ...options }
    this.#baseline = baseline
    this.#steps = baseline.column('u16', ring + 1)
    this.#last = baseline.column('f64')
    this.#began = baseline.column('f64')
    this.#numbers = new BoundedMap(this.#options.endpoints, (_, number) => {
      this.#names.delete(number)
      this.#seen.delete(number)
    })
    this.#targets = new BoundedMap(this.#options.targets)
  }

  /** Learns from a successful call of somebody with an identity. */
  observe(o: Observation): void {
    const { time } = o.call
    this.#since = Math.min(this.#since, time)
    if (o.outcome !== 'success' || o.identity.kind === 'anonymous') return
    const slot = this.#baseline.slotOf(o.identity.principal)
    if (slot === undefined) return
    if (time - this.#last.get(slot) > this.#options.idleMs) {
      this.#steps.clear(slot)
      this.#began.set(slot, time)
      this.#sessions += 1
    }
    this.#last.set(slot, Math.max(time, this.#last.get(slot)))
    const number = this.#numberOf(o.match.endpoint)
    if (!this.#hasStep(slot, number)) this.#seen.set(number, (this.#seen.get(number) ?? 0) + 1)
    if (isWrite(o) && (o.learning || this.#baseline.trusted(o.identity.principal)))
      this.#count(o.match.endpoint, this.#stepsOf(slot), hash32(o.identity.principal))
    const at = this.#steps.get(slot, ring)
    this.#steps.set(slot, number & 0xffff, at)
    this.#steps.set(slot, (at + 1) % ring, ring)
  }

  /** The steps that a call left out, before it is learned; empty where nothing can be said. */
  skippedBy(o: Observation): readonly FlowRule[] {
    const rules = this.#targets.peek(o.match.endpoint)?.rules ?? none
    if (rules.length === 0 || o.identity.kind === 'anonymous') return none
    const slot = this.#baseline.slotOf(o.identity.principal)
    if (slot === undefined) return none
    const { time } = o.call
    const running = time - this.#last.get(slot) <= this.#options.idleMs
    const began = running ? this.#began.get(slot) : time
    // What came before the first call ever heard is not known.
    if (began - this.#since < this.#options.idleMs) return none
    const steps = running ? this.#stepsOf(slot) : new Set<number>()
    return rules.filter(({ requires }) => {
      const number = this.#numbers.peek(requires)
      return number !== undefined && !steps.has(number & 0xffff)
    })
  }

  /** What is known to come before an endpoint, the most telling first. */
  rulesOf(endpoint: EndpointId): readonly FlowRule[] {
    return this.#targets.peek(endpoint)?.rules ?? none
  }

  merged(from: EndpointId, to: EndpointId): void {
    const number = this.#numbers.peek(from)
    if (from === to || number === undefined) return
    this.#targets.delete(from)
    // Sessions that went through the old one went through the new one.
    if (!this.#numbers.has(to)) {
      this.#numbers.set(to, number)
      this.#names.set(number, to)
    }
    for (const target of this.#targets.values())
      target.rules = target.rules.filter(({ requires }) => requires !== from)
  }

  get size(): number {
    return this.#targets.size + this.#numbers.size
  }

  save(): unknown {
    return {
      columns: [this.#steps.save(), this.#last.save(), this.#began.save()],
      numbers: this.#numbers,
      targets: this.#targets,
      seen: this.#seen,
      counts: [this.#sessions, this.#next, this.#since],
    }
  }

  load(saved: unknown): void {
    const { columns, numbers, targets, seen, counts } = saved as {
      readonly columns: readonly [unknown, unknown, unknown]
      readonly numbers: BoundedMap<EndpointId, number>
      readonly targets: BoundedMap<EndpointId, Target>
      readonly seen: ReadonlyMap<number, number>
      readonly counts: readonly [number, number, number]
    }
    this.#steps.load(columns[0])
    this.#last.load(columns[1])
    this.#began.load(columns[2])
    this.#numbers.adopt(numbers)
    for (const [endpoint, number] of numbers.entries()) this.#names.set(number, endpoint)
    this.#targets.adopt(targets)
    for (const [number, count] of seen) this.#seen.set(number, count)
    ;[this.#sessions, this.#next, this.#since] = counts
  }

  #numberOf(endpoint: EndpointId): number {
    const known = this.#numbers.get(endpoint)
    if (known !== undefined) return known
    const number = this.#next
    // Numbers stand in 16 bits: after so many endpoints two may share one, and hide a step left out.
    this.#next = (this.#next % 0xffff) + 1
    this.#numbers.set(endpoint, number)
    this.#names.set(number, endpoint)
    return number
  }

  #hasStep(slot: number, number: number): boolean {
    for (let at = 0; at < ring; at += 1) if (this.#steps.get(slot, at) === number) return true
    return false
  }

  #stepsOf(slot: number): Set<number> {
    const steps = new Set<number>()
    for (let at = 0; at < ring; at += 1) {
      const number = this.#steps.get(slot, at)
      if (number !== 0) steps.add(number)
    }
    return steps
  }

  #count(endpoint: EndpointId, steps: ReadonlySet<number>, principal: number): void {
    const target = this.#targets.ensure(endpoint, () => ({
      sessions: 0,
      by: [],
      before: new Map(),
      rules: none,
      nextCheck: this.#options.sessions,
    }))
    target.sessions += 1
    if (target.by.length < 64 && !target.by.includes(principal)) target.by.push(principal)
    for (const step of steps)
      if (target.before.has(step) || target.before.size < this.#options.predecessors)
        target.before.set(step, (target.before.get(step) ?? 0) + 1)
    if (target.sessions < target.nextCheck) return
    target.nextCheck = Math.ceil(target.sessions * 1.1)
    target.rules = this.#mine(endpoint, target)
  }

  #mine(endpoint: EndpointId, { sessions, by, before }: Target): readonly FlowRule[] {
    if (by.length < this.#options.principals) return none
    const own = this.#numbers.peek(endpoint)
    const rules: FlowRule[] = []
    for (const [step, count] of before) {
      const share = count / sessions
      const requires = this.#names.get(step)
      if (step === own || requires === undefined || share < this.#options.share) continue
      const lift = share / Math.max(1e-9, (this.#seen.get(step) ?? 0) / Math.max(1, this.#sessions))
      if (lift < this.#options.lift) continue
      rules.push({
        endpoint,
        requires,
        sessions,
        share: Math.round(share * 1e4) / 1e4,
        lift: Math.round(lift * 100) / 100,
        principals: by.length,
      })
    }
    return rules
      .sort((a, b) => b.lift - a.lift || (a.requires < b.requires ? -1 : 1))
      .slice(0, this.#options.rules)
  }
}
