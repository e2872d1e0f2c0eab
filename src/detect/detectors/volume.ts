import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { SlotMap } from '../../baseline/slot-map.ts'
import type { CallId } from '../../kit/id.ts'
import { SeasonalBaseline } from '../../kit/seasonal-baseline.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Episode } from '../episode.ts'
import { methodOf, whoIs } from '../words.ts'

const hourMs = 3_600_000
const keptCalls = 40
const logUnlikely = Math.log(1e-6)
/** On the logarithm: half as much again is nothing. */
const leastDeviation = 0.4
/** Hours with calls before a caller's own habit counts. */
const ownHours = 48
const judgedEvery = 10

/** A caller with many calls. Plain data. */
interface Caller {
  /** Of the logarithm of calls an hour. */
  readonly habit: SeasonalBaseline
  /** The hour being counted. */
  hour: number
  calls: number
  writes: number
  bytes: number
  /** Milliseconds of the servers' time. */
  work: number
  recent: CallId[]
  episode: Episode | undefined
}

type Stake = 'work' | 'writes' | 'bytes'

class VolumeRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #calls: Measure
  readonly #callers: SlotMap<Caller>

  constructor(context: DetectContext) {
    this.#context = context
    this.#calls = context.baseline.measure({ metric: 'calls per hour', unit: 'calls', windowMs: hourMs })
    this.#callers = context.baseline.map(context.option('callers'))
  }

  observe(o: Observation): readonly Finding[] {
    const { baseline, option } = this.#context
    const slot = baseline.slotOf(o.identity.principal)
    if (slot === undefined || actsForOthers(o)) return []
    const { time } = o.call
    const calls = this.#calls.add(slot, time)
    const known = this.#callers.get(slot)
    if (known === undefined && calls < option('calls') / 4) return []
    const caller = known ?? newCaller(time, calls)
    if (known === undefined) this.#callers.set(slot, caller)
    this.#turn(caller, Math.floor(time / hourMs), time)
    caller.calls += 1
    if (o.outcome === 'success' && methodOf(o) !== 'GET') caller.writes += 1
    caller.bytes += o.call.response?.bodySize ?? 0
    caller.work += o.call.durationMs ?? 0
    caller.recent.push(o.call.id)
    if (caller.recent.length > keptCalls) caller.recent.shift()
    if (o.learning || caller.calls < option('calls') || caller.calls % judgedEvery !== 0) return []
    const stake = this.#stake(caller)
    if (stake === undefined || !this.#isUnusual(o, caller, time)) return []
    const fresh = caller.episode === undefined || caller.episode.touch(time)
    caller.episode ??= new Episode(time, hourMs * 6)
    return [this.#finding(o, caller, stake, fresh ? caller.recent : [o.call.id])]
  }

  size(): number {
    return this.#callers.size
  }

  save(): unknown {
    return this.#callers.save()
  }

  load(saved: unknown): void {
    this.#callers.load(saved)
  }

  /** Ends the hour that has passed; an hour that was told of does not become a habit. */
  #turn(caller: Caller, hour: number, time: number): void {
    if (hour <= caller.hour) return
    const told = caller.episode !== undefined && time - caller.episode.last < 2 * hourMs
    if (!told) caller.habit.add(Math.log1p(caller.calls), caller.hour * hourMs)
    caller.hour = hour
    caller.calls = 0
    caller.writes = 0
    caller.bytes = 0
    caller.work = 0
  }

  /** What many calls can harm: nothing to lose, nothing to tell. */
  #stake({ work, writes, bytes }: Caller): Stake | undefined {
    const { option } = this.#context
    if (work >= option('workMinutes') * 60_000) return 'work'
    if (writes >= option('writes')) return 'writes'
    return bytes >= option('megabytes') * 1e6 ? 'bytes' : undefined
  }

  #isUnusual(o: Observation, { habit, calls }: Caller, time: number): boolean {
    const { baseline, option } = this.#context
    const own = habit.n >= ownHours
    if (
      own &&
      (habit.z(Math.log1p(calls), time, leastDeviation) < option('deviations') ||
        calls < option('factor') * Math.expm1(habit.expected(time).mean))
    )
      return false
    const { kind } = o.identity
    if (kind === 'service' || kind === 'apikey') return own
    const peers = baseline.peerMetric(o.identity, this.#calls.metric)
    if (peers === undefined) return own
    const factor = own ? option('factor') : 3 * option('factor')
    return calls >= factor * peers.metric.quantile(0.99) && peers.metric.logTail(calls) < logUnlikely
  }

  #finding(o: Observation, caller: Caller, stake: Stake, evidence: readonly CallId[]): Finding {
    const peers = this.#context.baseline.peerMetric(o.identity, this.#calls.metric)
    const usually = Math.round(Math.expm1(caller.habit.expected(o.call.time).mean))
    return {
      message: stake,
      observed: {
        ...observedOf(caller.calls, this.#calls.metric, this.#calls.unit),
        who: whoIs(o.identity),
        writes: caller.writes,
        megabytes: Math.round(caller.bytes / 1e5) / 10,
        minutes: Math.round(caller.work / 6_000) / 10,
      },
      expected:
        peers === undefined
          ? { median: usually, n: caller.habit.n, peers: 'its own hours of that kind', usually }
          : { ...expectedOf(distributionOf(peers.metric, peers.metric.n, peers.group.name)), usually },
      attempt: false,
      confidence: 0.7,
      ...blame(o),
      evidence,
      key: `${o.identity.principal}\0${caller.episode?.from ?? 0}`,
    }
  }
}

const newCaller = (time: number, calls: number): Caller => ({
  habit: new SeasonalBaseline(),
  hour: Math.floor(time / hourMs),
  calls: calls - 1,
  writes: 0,
  bytes: 0,
  work: 0,
  recent: [],
  episode: undefined,
})

const people = Array.from({ length: 12 }, (_, index) => `p${index}`).join(',')
const history = Array.from({ length: 4 }, () => `learn ${people} GET /me every 9s x 6 -> 200\nwait 12h`).join(
  '\n',
)

export const volume = defineDetector({
  id: 'volume',
  title: 'Far more calls, with something at stake',
  kind: 'statistical',
  summary:
    'Compares the calls of an hour with what the caller does at that hour of such a day, and with its peers. It speaks only where many calls can do harm: they take much of the servers’ time, change many things or carry much away.',
  family: 'automation',
  severity: 'medium',
  owasp: ['API4:2023'],
  attack: ['T1499.003'],
  options: {
    callers: { default: 20_000, reason: 'Callers with many calls followed at a time; about 1.5 KB each.' },
    calls: { default: 300, reason: 'Three hundred calls in an hour: a person clicks less.' },
    deviations: { default: 6, reason: 'Six deviations from its own hours of that kind.' },
    factor: {
      default: 3,
      reason: 'Three times what it usually does, and three times what 99 % of peers do.',
    },
    workMinutes: {
      default: 30,
      reason: 'Half an hour of servers’ time in an hour: by Little’s law one call in two is always its own.',
    },
    writes: { default: 200, reason: 'Two hundred changes in an hour.' },
    megabytes: { default: 100, reason: 'A hundred megabytes in an hour.' },
  },
  messages: {
    work: '{who} made {value} calls in an hour that took {minutes} minutes of the servers; it usually makes {usually}.',
    writes: '{who} made {value} calls in an hour, {writes} of them changes; it usually makes {usually}.',
    bytes: '{who} made {value} calls in an hour and took {megabytes} MB; it usually makes {usually}.',
  },
  whenNotAnAttack: 'A campaign, a retry storm after an outage, a load test or a client in a loop.',
  examples: {
    fires: [`${history}\np3 POST /orders every 3s x 400 -> 201 {"id":"o-{n}"}`],
    quiet: [
      `${history}\np3 GET /me every 3s x 400 -> 200`,
      `${history}\np3 POST /orders every 20s x 100 -> 201 {"id":"o-{n}"}`,
      `batch kind=service POST /orders every 3s x 400 -> 201 {"id":"o-{n}"}`,
    ],
  },
  create: context => new VolumeRun(context),
})
