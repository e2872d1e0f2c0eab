import type { Observation } from '../../baseline/observation.ts'
import { isPrivileged, isWrite } from '../../baseline/role-matrix.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { DailyCounts } from '../daily-counts.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, span, whoIs } from '../words.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** Ends of flows that are worth something, by their path or operation. */
const worthWords =
  /(?:^|[^a-z])(?:orders?|purchases?|checkout|confirm|transfers?|payments?|payouts?|withdraw(?:als?)?|refunds?|redeem|redemptions?|bookings?|reservations?|votes?|bids?|claims?|referrals?|applications?|submissions?|reviews?|invitations?|subscriptions?|trades?)(?:$|[^a-z])/i

class FlowVelocityRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #counts: DailyCounts
  readonly #bursts: Stretches
  readonly #days: Stretches
  /** Endpoint → who did it that often in settled history, the first few. */
  readonly #ordinary: BoundedMap<EndpointId, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#counts = new DailyCounts({ places: context.option('flows') })
    const most = context.option('callers')
    this.#bursts = new Stretches({ most, gapMs: 2 * minuteMs, lengthMs: 10 * minuteMs, calls: 32 })
    this.#days = new Stretches({ most, gapMs: dayMs, lengthMs: dayMs })
    this.#ordinary = new BoundedMap(context.option('flows'))
  }

  observe(o: Observation): readonly Finding[] {
    const { identity, match, call } = o
    if (o.outcome !== 'success' || !isWrite(o) || identity.kind === 'anonymous' || actsForOthers(o)) return []
    const flow = this.#context.flows.rulesOf(match.endpoint).length > 0
    if (!flow && !worthWords.test(match.operation?.name ?? match.template)) return []
    if (
      identity.kind === 'service' ||
      identity.kind === 'apikey' ||
      isPrivileged(this.#context.roles.groupOf(o))
    )
      return []
    const day = this.#counts.add(match.endpoint, identity.principal, call.time, call.id)
    if (day === undefined) return []
    const usual = this.#counts.usual(match.endpoint, this.#context.option('days'))
    const most = usual?.quantile(0.999) ?? 0
    const key = `${identity.principal}\0${match.endpoint}`
    const burst = this.#bursts.step(key, call.time, call.id)
    const whole = this.#days.step(key, call.time, call.id)
    const known = usual !== undefined
    // Fast and often are what others are not: until they are known only what no person does stands out.
    const least = (option: 'burst' | 'often'): number =>
      Math.max(this.#context.option(known ? option : 'unknown'), this.#context.option('factor') * most)
    const fast = burst.count > least('burst')
    const often = whole.count > least('often')
    if (!fast && !often) return []
    day.raised = true
    const ordinary = this.#ordinary.ensure(match.endpoint, () => new Set())
    if (o.learning) {
      if (ordinary.size < 16) ordinary.add(identity.principal)
      return []
    }
    if (ordinary.has(identity.principal) || ordinary.size >= this.#context.option('ordinary')) return []
    const stretch = fast ? burst : whole
    // A burst that was not told goes on in the day that was.
    const calls = whole.raised && fast && !burst.raised ? [call.id] : toTell(stretch)
    whole.raised = true
    burst.raised = true
    return [
      {
        message: fast ? 'fast' : 'often',
        observed: {
          ...observedOf(
            stretch.count,
            fast ? 'completions in ten minutes' : 'completions on a day',
            'completions',
          ),
          who: whoIs(identity),
          what: counted(stretch.count, 'time'),
          endpoint: match.endpoint,
          within: span(Math.max(1_000, stretch.last - stretch.from)),
        },
        expected:
          usual === undefined
            ? { times: this.#context.option('unknown') }
            : expectedOf(
                distributionOf(usual, Math.round(usual.count), `days of callers of ${match.endpoint}`),
              ),
        attempt: false,
        confidence: Math.min(0.9, (known ? 0.7 : 0.55) + 0.005 * stretch.count),
        severity: 'medium',
        ...blame(o),
        evidence: calls,
        key: `${key}\0${whole.from}`,
      },
    ]
  }

  merged(from: EndpointId, to: EndpointId): void {
    const callers = this.#ordinary.peek(from)
    if (callers === undefined || from === to) return
    this.#ordinary.delete(from)
    const mine = this.#ordinary.ensure(to, () => new Set())
    for (const caller of callers) if (mine.size < 16) mine.add(caller)
  }

  size(): number {
    return this.#counts.size + this.#bursts.size + this.#days.size + this.#ordinary.size
  }

  save(): unknown {
    return [this.#counts, this.#bursts, this.#days, this.#ordinary]
  }

  load(saved: unknown): void {
    const [counts, bursts, days, ordinary] = saved as readonly [
      DailyCounts,
      Stretches,
      Stretches,
      BoundedMap<EndpointId, Set<string>>,
    ]
    this.#counts.adopt(counts)
    this.#bursts.adopt(bursts)
    this.#days.adopt(days)
    this.#ordinary.adopt(ordinary)
  }
}

export const flowVelocity = defineDetector({
  id: 'flow-velocity',
  title: 'A flow completed faster or more often than by anybody',
  summary:
    'Counts how often each caller completes a flow that is worth something: an order, a transfer, a redemption, a vote. More often within minutes or on a day than a thousand days of others is a program at work.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1499.003', 'T1496'],
  options: {
    burst: {
      default: 5,
      reason:
        'More than five completions within ten minutes, where others are known to do fewer: a person needs two minutes for each.',
    },
    often: { default: 6, reason: 'More than six on a day, where others are known to do far fewer.' },
    unknown: { default: 60, reason: 'Sixty, within minutes or on a day, where nobody is known yet.' },
    factor: { default: 2, reason: 'Twice the most of a thousand days.' },
    days: { default: 100, reason: 'A hundred days of callers show how often is usual.' },
    ordinary: { default: 3, reason: 'Three callers who do it that often in settled history: people do.' },
    flows: { default: 500, reason: 'Flows whose callers are counted, at most 5,000 callers a day each.' },
    callers: { default: 20_000, reason: 'Callers who complete flows remembered; about 600 bytes each.' },
  },
  messages: {
    fast: '{who} completed {endpoint} {what} within {within}.',
    often: '{who} completed {endpoint} {what} on one day.',
  },
  whenNotAnAttack: 'An assistant who places orders for a team, or an import by hand.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave,erin POST /orders body={"sku":"ps5"} every 1d x 25 -> 201 {"id":1}
mallory POST /orders body={"sku":"ps5"} every 4s x 30 -> 201 {"id":1}`,
      'mallory POST /orders body={"sku":"ps5"} every 4s x 70 -> 201 {"id":1}',
    ],
    quiet: [
      'mallory POST /orders body={"sku":"ps5"} every 4s x 30 -> 201 {"id":1}',
      `ann,bob,carol POST /orders body={"sku":"ps5"} every 90s x 3 -> 201 {"id":1}
shop kind=service POST /orders body={"sku":"ps5"} every 4s x 100 -> 201 {"id":1}`,
    ],
  },
  create: context => new FlowVelocityRun(context),
})
