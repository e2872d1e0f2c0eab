import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { businessActionOf } from '../business.ts'
import { DailyCounts } from '../daily-counts.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const dayMs = 86_400_000

class CouponAbuseRun implements DetectorRun {
  readonly #context: DetectContext
  /** Different coupons taken by account; times one coupon was taken by one account. */
  readonly #counts = new DailyCounts()
  readonly #stretches: Stretches
  /** Client and coupon → accounts behind it that took it, young ones first counted. */
  readonly #accounts: BoundedMap<string, { readonly all: Set<number>; readonly young: Set<number> }>
  #since = Number.POSITIVE_INFINITY

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('actors'), gapMs: dayMs, lengthMs: 7 * dayMs })
    this.#accounts = new BoundedMap(context.option('actors'))
  }

  observe(o: Observation): readonly Finding[] {
    const action = businessActionOf(o)
    if (action?.kind !== 'coupon' || action.declined || o.outcome !== 'success' || actsForOthers(o)) return []
    if (o.identity.kind === 'service' || o.identity.kind === 'apikey') return []
    const coupon = action.thing.toLowerCase()
    this.#since = Math.min(this.#since, o.call.time)
    const young = this.#isYoung(o)
    const found =
      this.#again(o, coupon) ??
      this.#several(o, coupon) ??
      this.#together(o, coupon, young) ??
      this.#row(o, coupon, young)
    return found === undefined || o.learning ? [] : [found]
  }

  size(): number {
    return this.#counts.size + this.#stretches.size + this.#accounts.size
  }

  save(): unknown {
    return [this.#counts, this.#stretches, this.#accounts, this.#since]
  }

  load(saved: unknown): void {
    const [counts, stretches, accounts, since] = saved as readonly [
      DailyCounts,
      Stretches,
      BoundedMap<string, { readonly all: Set<number>; readonly young: Set<number> }>,
      number,
    ]
    this.#since = since
    this.#counts.adopt(counts)
    this.#stretches.adopt(stretches)
    this.#accounts.adopt(accounts)
  }

  /** One account takes one coupon again and again, more than accounts do. */
  #again(o: Observation, coupon: string): Finding | undefined {
    const place = `${o.call.destination.host}\0again`
    // Each time is a thing of its own: what is counted is how often.
    const day = this.#counts.add(place, `${o.identity.principal}\0${coupon}`, o.call.time, o.call.id)
    const stretch = this.#stretches.step(
      `${o.identity.principal}\0${coupon}`,
      o.call.time,
      o.call.id,
      o.call.id,
    )
    if (day === undefined || !this.#above(place, stretch.things.length, 'again')) return undefined
    day.raised = true
    return this.#finding(
      o,
      'again',
      stretch,
      stretch.things.length,
      'uses of one coupon by one account',
      place,
      coupon,
    )
  }

  /** One account takes many different coupons. */
  #several(o: Observation, coupon: string): Finding | undefined {
    const place = `${o.call.destination.host}\0several`
    const day = this.#counts.add(place, o.identity.principal, o.call.time, coupon)
    const stretch = this.#stretches.step(`${o.identity.principal}\0several`, o.call.time, o.call.id, coupon)
    if (day === undefined || !this.#above(place, stretch.things.length, 'several')) return undefined
    day.raised = true
    return this.#finding(
      o,
      'several',
      stretch,
      stretch.things.length,
      'coupons of one account',
      place,
      coupon,
    )
  }

  /** Several young accounts behind one client take the same coupon: one person’s accounts. */
  #together(o: Observation, coupon: string, young: boolean): Finding | undefined {
    const client = `${o.identity.device}@${o.call.source.ip ?? ''}`
    const key = `${client}\0${coupon}`
    const place = `${o.call.destination.host}\0accounts`
    const day = this.#counts.add(place, key, o.call.time, o.identity.principal)
    const accounts = this.#accounts.ensure(key, () => ({ all: new Set(), young: new Set() }))
    const principal = hash32(o.identity.principal)
    if (accounts.all.size < 256) accounts.all.add(principal)
    if (young && accounts.young.size < 256) accounts.young.add(principal)
    const stretch = this.#stretches.step(`${key}\0together`, o.call.time, o.call.id, o.identity.principal)
    if (
      day === undefined ||
      accounts.young.size < 0.8 * accounts.all.size ||
      !this.#above(place, accounts.young.size, 'accounts')
    )
      return undefined
    day.raised = true
    const { size } = accounts.young
    return this.#finding(o, 'together', stretch, size, 'young accounts behind one client', place, coupon)
  }

  /** A row of young accounts takes one coupon within a day, and hardly anybody else does. */
  #row(o: Observation, coupon: string, young: boolean): Finding | undefined {
    const place = `${o.call.destination.host}\0row`
    const key = `${coupon}\0row`
    const all = this.#stretches.step(`${key}\0all`, o.call.time, o.call.id, o.identity.principal)
    // In the first days everybody is new to us.
    const grown = o.call.time - this.#since >= 2 * this.#context.option('youngDays') * dayMs
    if (!young || !grown) return undefined
    const day = this.#counts.add(place, coupon, o.call.time, o.identity.principal)
    const row = this.#stretches.step(key, o.call.time, o.call.id, o.identity.principal)
    const value = day?.things.length ?? 0
    if (day === undefined || row.things.length < 0.8 * all.things.length || !this.#above(place, value, 'row'))
      return undefined
    day.raised = true
    return this.#finding(o, 'row', row, value, 'young accounts with one coupon on a day', place, coupon)
  }

  /** An account that came these days and did little yet. */
  #isYoung(o: Observation): boolean {
    const profile = this.#context.baseline.profile(o.identity.principal)
    return (
      profile === undefined ||
      (!profile.forgotten &&
        o.call.time - profile.firstSeen <= this.#context.option('youngDays') * dayMs &&
        profile.calls <= this.#context.option('youngCalls'))
    )
  }

  #above(place: string, value: number, option: 'again' | 'several' | 'accounts' | 'row'): boolean {
    const usual = this.#counts.usual(place, this.#context.option('days'))
    const most = usual?.quantile(0.999) ?? 0
    return value >= Math.max(this.#context.option(option), this.#context.option('factor') * most)
  }

  #finding(
    o: Observation,
    message: 'again' | 'several' | 'together' | 'row',
    stretch: Stretch,
    value: number,
    metric: string,
    place: string,
    coupon: string,
  ): Finding {
    const usual = this.#counts.usual(place, this.#context.option('days'))
    const accounts = message === 'together' || message === 'row'
    const noun = accounts ? 'account' : message === 'again' ? 'time' : 'coupon'
    const client = `${o.identity.device}@${o.call.source.ip ?? ''}`
    const owner =
      message === 'together' ? `${client}\0${coupon}` : message === 'row' ? coupon : o.identity.principal
    return {
      message,
      observed: {
        ...observedOf(value, metric, `${noun}s`),
        who: whoIs(o.identity),
        what: counted(value, noun),
        endpoint: o.match.endpoint,
        client: o.identity.device,
      },
      expected:
        usual === undefined
          ? { usual: 'one or two' }
          : expectedOf(
              distributionOf(usual, Math.round(usual.count), accounts ? 'days before' : 'days of accounts'),
            ),
      attempt: false,
      confidence: Math.min(0.9, 0.7 + 0.03 * value),
      severity: 'medium',
      ...blame(o),
      evidence: toTell(stretch),
      objects: [`coupon:${coupon.slice(0, 64)}`],
      key: `${owner}\0${message}\0${stretch.from}`,
      ...(accounts
        ? { actor: message === 'row' ? `coupon:${coupon.slice(0, 64)}` : `device:${o.identity.device}` }
        : {}),
    }
  }
}

export const couponAbuse = defineDetector({
  id: 'coupon-abuse',
  title: 'Coupons taken more often than meant',
  summary:
    'Counts how often accounts take coupons: one coupon again and again, many different ones, or the same one by several young accounts behind one client. A promotion that many different people use is none of these.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1496'],
  options: {
    again: { default: 4, reason: 'A coupon is used once or twice; the fourth time is not meant.' },
    several: {
      default: 6,
      reason: 'Six different coupons on one day or in a week are collected, not given.',
    },
    accounts: {
      default: 4,
      reason: 'Four new accounts behind one client with the same coupon are one person’s.',
    },
    row: { default: 8, reason: 'Eight new accounts with one coupon on a day, and hardly anybody else.' },
    factor: { default: 2, reason: 'Twice the most of a thousand days.' },
    days: { default: 30, reason: 'Thirty days of others show how many are usual.' },
    youngDays: { default: 3, reason: 'Accounts made for a coupon are used at once.' },
    youngCalls: { default: 60, reason: 'And for little else.' },
    actors: {
      default: 20_000,
      reason: 'Accounts and clients with coupons remembered; about 500 bytes each.',
    },
  },
  messages: {
    again: '{who} used one coupon {what} at {endpoint}.',
    several: '{who} used {what} at {endpoint}.',
    together: '{what} that are new, behind one client ({client}), used the same coupon at {endpoint}.',
    row: '{what} that are new used the same coupon at {endpoint} on one day, and hardly anybody else did.',
  },
  whenNotAnAttack: 'A coupon that is meant for many uses, or a campaign that brings new customers.',
  examples: {
    fires: [
      'mallory POST /cart/coupon body={"couponCode":"WELCOME10"} every 5m x 6 -> 200 {"total":9}',
      'm1,m2,m3,m4,m5 POST /orders body={"couponCode":"WELCOME10","sku":"a"} ip=203.0.113.9 agent=bot every 2m -> 201 {"id":1}',
    ],
    quiet: [
      `ann,bob,carol,dave,erin,fred,gina,hans POST /orders body={"couponCode":"SUMMER","sku":"a"} every 2m -> 201 {"id":1}
ann POST /cart/coupon body={"couponCode":"WRONG{n}"} x 8 -> 404`,
    ],
  },
  create: context => new CouponAbuseRun(context),
})
