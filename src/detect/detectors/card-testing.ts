import type { Observation } from '../../baseline/observation.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { businessActionOf } from '../business.ts'
import { DailyCounts } from '../daily-counts.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const dayMs = 86_400_000

class CardTestingRun implements DetectorRun {
  readonly #context: DetectContext
  /** Instruments by account, and by client behind any account. */
  readonly #counts = new DailyCounts()
  readonly #tried: Stretches
  readonly #declined: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    const limits = { most: context.option('actors'), gapMs: dayMs, lengthMs: 3 * dayMs }
    this.#tried = new Stretches(limits)
    this.#declined = new Stretches({ ...limits, calls: 2 })
  }

  observe(o: Observation): readonly Finding[] {
    const action = businessActionOf(o)
    if (action?.kind !== 'payment' || actsForOthers(o) || o.outcome === 'unknown') return []
    const { host } = o.call.destination
    const actors = [o.identity.principal as string, `device:${o.identity.device}`]
    for (const [index, actor] of actors.entries()) {
      const place = `${host}\0${index === 0 ? 'account' : 'client'}`
      const day = this.#counts.add(place, actor, o.call.time, action.thing)
      const tried = this.#tried.step(actor, o.call.time, o.call.id, action.thing)
      const declined = action.declined
        ? this.#declined.step(actor, o.call.time, o.call.id, action.thing)
        : this.#declined.at(actor, o.call.time)
      if (o.learning || day === undefined) continue
      const usual = this.#counts.usual(place, this.#context.option('days'))
      const most = usual?.quantile(0.999) ?? 0
      const least = Math.max(
        this.#context.option(index === 0 ? 'instruments' : 'byClient'),
        this.#context.option('factor') * most,
      )
      const share = declined.count / Math.max(1, tried.count)
      if (tried.things.length < least || share < this.#context.option('declined')) continue
      day.raised = true
      const passed = tried.count - declined.count
      return [
        {
          message: passed > 0 ? 'passed' : 'declined',
          observed: {
            ...observedOf(tried.things.length, 'payment instruments tried', 'instruments'),
            who: index === 0 ? whoIs(o.identity) : `A client (${o.identity.device})`,
            what: counted(tried.things.length, 'payment instrument'),
            passed,
            declined: declined.count,
            endpoint: o.match.endpoint,
          },
          expected:
            usual === undefined
              ? { instruments: 'one or two' }
              : expectedOf(
                  distributionOf(
                    usual,
                    Math.round(usual.count),
                    `days of ${index === 0 ? 'accounts' : 'clients'}`,
                  ),
                ),
          attempt: passed === 0,
          confidence: Math.min(0.95, 0.7 + 0.02 * tried.things.length),
          // Many numbers are somebody else's whether one of them works or not.
          severity:
            passed > 0 || tried.things.length >= 2 * this.#context.option('instruments') ? 'high' : 'medium',
          ...blame(o),
          evidence: toTell(tried),
          key: `${actor}\0${host}\0${tried.from}`,
          ...(index === 0 ? {} : { actor }),
        },
      ]
    }
    return []
  }

  size(): number {
    return this.#counts.size + this.#tried.size + this.#declined.size
  }

  save(): unknown {
    return [this.#counts, this.#tried, this.#declined]
  }

  load(saved: unknown): void {
    const [counts, tried, declined] = saved as readonly [DailyCounts, Stretches, Stretches]
    this.#counts.adopt(counts)
    this.#tried.adopt(tried)
    this.#declined.adopt(declined)
  }
}

export const cardTesting = defineDetector({
  id: 'card-testing',
  title: 'Payment instruments tried one after another',
  summary:
    'Counts different cards, accounts and payment tokens by account and by client. Many of them in a day, most of them declined, are stolen numbers tried for those that still work.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'high',
  owasp: ['API6:2023'],
  attack: ['T1110.004'],
  options: {
    instruments: { default: 4, reason: 'A person tries two cards, rarely a third.' },
    byClient: { default: 6, reason: 'A household or an office behind one client has several.' },
    factor: { default: 2, reason: 'Twice the most of a thousand days.' },
    days: { default: 30, reason: 'Thirty days of others show how many are usual.' },
    declined: { default: 0.5, reason: 'Of stolen numbers most are declined, of one’s own hardly any.' },
    actors: {
      default: 20_000,
      reason: 'Accounts and clients with payments remembered; about 500 bytes each.',
    },
  },
  messages: {
    passed: '{who} tried {what} at {endpoint}: {declined} times declined, {passed} times accepted.',
    declined: '{who} tried {what} at {endpoint}, all declined.',
  },
  whenNotAnAttack: 'A shop assistant who takes payments for customers, or tests against the live system.',
  examples: {
    fires: [
      'mallory POST /payments body={"cardNumber":"tok_{n}","amount":1} every 20s x 9 -> 402 {"error":"card declined"}',
      `mallory POST /payments body={"cardNumber":"tok_{n}","amount":1} every 20s x 6 -> 402 {"error":"card declined"}
mallory POST /payments body={"cardNumber":"tok_9","amount":1} -> 201 {"status":"captured"}`,
    ],
    quiet: [
      `ann POST /payments body={"cardNumber":"tok_1","amount":20} -> 402 {"error":"card declined"}
ann POST /payments body={"cardNumber":"tok_2","amount":20} -> 201 {"status":"captured"}
cashier POST /payments body={"cardNumber":"tok_{n}","amount":20} every 60s x 30 -> 201 {"status":"captured"}`,
    ],
  },
  create: context => new CardTestingRun(context),
})
