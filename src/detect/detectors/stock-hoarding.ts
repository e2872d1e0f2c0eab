import type { Observation } from '../../baseline/observation.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame, callerOf } from '../blame.ts'
import { businessActionOf } from '../business.ts'
import { DailyCounts } from '../daily-counts.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const dayMs = 86_400_000

class StockHoardingRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #counts = new DailyCounts()
  readonly #held: Stretches
  readonly #bought: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    const limits = { most: context.option('actors'), gapMs: dayMs, lengthMs: 2 * dayMs }
    this.#held = new Stretches(limits)
    this.#bought = new Stretches({ ...limits, calls: 2 })
  }

  observe(o: Observation): readonly Finding[] {
    const action = businessActionOf(o)
    if (action === undefined || o.outcome !== 'success' || action.declined || actsForOthers(o)) return []
    const actor = callerOf(o)
    if (action.kind === 'purchase' || action.kind === 'payment') {
      this.#bought.step(actor, o.call.time, o.call.id)
      return []
    }
    if (action.kind !== 'reservation') return []
    const place = `${o.call.destination.host}\0held`
    const units = Math.min(1_000, action.quantity ?? 1)
    const day = this.#counts.add(place, actor, o.call.time, action.thing, units)
    const held = this.#held.step(actor, o.call.time, o.call.id, action.thing)
    if (o.learning || day === undefined) return []
    const usual = this.#counts.usual(place, this.#context.option('days'))
    const most = usual?.quantile(0.999) ?? 0
    const value = day.amount
    const bought = this.#bought.peek(actor)?.count ?? 0
    if (value < Math.max(this.#context.option('units'), this.#context.option('factor') * most)) return []
    // Nor does who buys as much in a day make much usual for those who buy nothing.
    day.raised = true
    if (bought > this.#context.option('bought') * held.count) return []
    return [
      {
        message: 'held',
        observed: {
          ...observedOf(value, 'units reserved on a day', 'units'),
          who: whoIs(o.identity),
          what: counted(value, 'unit'),
          calls: held.count,
          bought,
          endpoint: o.match.endpoint,
        },
        expected:
          usual === undefined
            ? { units: 'a few' }
            : expectedOf(distributionOf(usual, Math.round(usual.count), 'days of callers')),
        attempt: false,
        confidence: Math.min(0.9, 0.8 + 0.001 * value),
        severity: 'medium',
        ...blame(o),
        evidence: toTell(held),
        objects: [`held:${action.thing}`],
        key: `${actor}\0${held.from}`,
      },
    ]
  }

  size(): number {
    return this.#counts.size + this.#held.size + this.#bought.size
  }

  save(): unknown {
    return [this.#counts, this.#held, this.#bought]
  }

  load(saved: unknown): void {
    const [counts, held, bought] = saved as readonly [DailyCounts, Stretches, Stretches]
    this.#counts.adopt(counts)
    this.#held.adopt(held)
    this.#bought.adopt(bought)
  }
}

export const stockHoarding = defineDetector({
  id: 'stock-hoarding',
  title: 'Stock held and not bought',
  summary:
    'Counts what callers put into carts and reservations against what they buy. Far more holds than anybody makes, with hardly a purchase, keep the stock from others.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1499.003'],
  options: {
    units: { default: 30, reason: 'Thirty units on a day: a large shopping trip has fewer.' },
    factor: { default: 1.5, reason: 'Half as much again as the most of a thousand days.' },
    days: { default: 30, reason: 'Thirty days of others show how many are usual.' },
    bought: { default: 0.1, reason: 'Who checks out after ten things put aside is a customer.' },
    actors: {
      default: 20_000,
      reason: 'Callers with holds remembered; about 600 bytes each.',
    },
  },
  messages: { held: '{who} reserved {what} at {endpoint} on one day and checked out {bought} times.' },
  whenNotAnAttack: 'A reseller who fills one large order, or a client that retries.',
  examples: {
    fires: ['mallory POST /cart/items body={"sku":"ps5","quantity":5} every 30s x 40 -> 201 {"ok":1}'],
    quiet: [
      `ann POST /cart/items body={"sku":"s{n}","quantity":1} every 30s x 12 -> 201 {"ok":1}
ann POST /orders body={"cart":"c1"} -> 201 {"id":1}
bob POST /cart/items body={"sku":"s{n}","quantity":1} every 30s x 12 -> 201 {"ok":1}`,
    ],
  },
  create: context => new StockHoardingRun(context),
})
