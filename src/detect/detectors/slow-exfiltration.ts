import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { MeasuredPeers } from '../../baseline/peer-groups.ts'
import type { SlotMap } from '../../baseline/slot-map.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { cusum } from '../../kit/cusum.ts'
import { DistinctCount } from '../../kit/distinct-count.ts'
import type { CallId } from '../../kit/id.ts'
import { QuantileSketch } from '../../kit/quantile-sketch.ts'
import { medianSpread } from '../../kit/robust.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type Distribution, distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { type ObjectsRead, objectsRead } from '../objects-read.ts'
import type { Why } from '../tuning/why.ts'
import { counted, objectOf, plural, whoIs } from '../words.ts'

const dayMs = 86_400_000
const keptDays = 28
const mostTypes = 3
const keptCalls = 40
/** Days of own history that count as much as the peers do. */
const kappa = 14
/** Days after which the own middle counts alone, and before which nobody is compared with a wider group. */
const ownDays = 3
/** The deviation of a normal distribution is so many times its median absolute deviation. */
const toDeviation = 1.4826
/** On the logarithm: a third more or less is nothing. */
const leastDeviation = 0.3
/** One day counts at most so many deviations: a single large day is not slow. */
const mostZ = 4
const quotaDays = 7
const machineDays = 7

/** What one principal opens of one type, by days. Plain data. */
interface Track {
  day: number
  today: DistinctCount
  /** Different objects on finished days that were nothing unusual, the latest 28. */
  usual: number[]
  /** The same of the last seven days, whatever they were. */
  last: number[]
  /** Different objects of all days since `sum` was begun, and the sum of those of each day. */
  union: DistinctCount
  sum: number
  /** Cumulative sum over finished days, how many they were since it left zero, and what was opened on them. */
  score: number
  days: number
  objects: number
  /** The day on which it left zero. */
  from: number
  recent: Opening[]
  /** The message of the finding that goes on. */
  raised: string
}

/** Plain data. */
interface Opening {
  readonly call: CallId
  /** The object had come to the caller in an answer before. */
  readonly led: boolean
}

/** What one principal has of one type, opened or in lists, in about 30 days. Plain data. */
interface Share {
  since: number
  /** The day its size was last told to the collection. */
  told: number
  readonly objects: DistinctCount
}

interface Reader {
  readonly tracks: Map<string, Track>
  readonly shares: Map<string, Share>
}

/** What everybody reads of one type. */
interface Collection {
  readonly all: DistinctCount
  /** Of how many one principal has, one value for each of them and day. */
  readonly shares: QuantileSketch
}

class SlowExfiltrationRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #opened: Measure
  readonly #readers: SlotMap<Reader>
  #collections = new BoundedMap<string, Collection>(500)

  constructor(context: DetectContext) {
    this.#context = context
    this.#opened = context.baseline.measure({ metric: 'objects opened per day', unit: 'objects' })
    this.#readers = context.baseline.map(context.option('readers'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.identity.kind === 'anonymous' || actsForOthers(o)) return []
    const read = objectsRead(o)
    const { baseline, option } = this.#context
    const slot = baseline.slotOf(o.identity.principal)
    if (read === undefined || slot === undefined) return []
    const { time } = o.call
    const collection = this.#collections.ensure(keyOf(o, read.type), newCollection)
    for (const mark of read.marks) collection.all.addNumber(mark)
    const known = this.#readers.get(slot)
    // Who reads little is counted only: nothing else is kept of it.
    const opened = read.opened ? this.#opened.add(slot, time) : this.#opened.value(slot, time)
    if (known === undefined && opened < option('reads') && read.marks.length < option('reads') * 10) return []
    const reader = known ?? { tracks: new Map(), shares: new Map() }
    if (known === undefined) this.#readers.set(slot, reader)
    const day = Math.floor(time / dayMs)
    const coverage = this.#cover(o, reader, read, collection, day)
    if (coverage !== undefined) return [coverage]
    return read.opened ? this.#open(o, reader, read, day) : []
  }

  why(o: Observation): Why | undefined {
    if (actsForOthers(o)) return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
    const read = objectsRead(o)
    const { baseline, option } = this.#context
    const slot = baseline.slotOf(o.identity.principal)
    if (read === undefined || slot === undefined || o.identity.kind === 'anonymous')
      return {
        state: 'other-kind',
        text: 'The call read nothing that can be told apart, or nobody had logged in.',
      }
    const opened = this.#opened.value(slot, o.call.time)
    const track = this.#readers.get(slot)?.tracks.get(read.type)
    if (track === undefined)
      return {
        state: 'below',
        text: `${counted(opened, 'object')} opened today: who reads so little is counted only.`,
        ...{ value: opened, threshold: option('reads'), unit: 'objects a day' },
      }
    const peers =
      baseline.peerMetric(o.identity, metricOf(read.type)) ??
      baseline.peerMetric(o.identity, this.#opened.metric)
    const value = Math.round(100 * this.#score(o, track, peers)) / 100
    return {
      state: peers === undefined && !isMachine(o) ? 'learning' : 'below',
      text: `${counted(track.today.count, read.type)} today; the sum of what is above the usual over ${counted(track.days + 1, 'day')} is ${value} (from ${option('threshold')} on, and ${option('days')} days)${peers === undefined ? '; there are no peers to compare with yet' : ''}.`,
      ...{ value, threshold: option('threshold'), unit: 'cumulative deviations' },
    }
  }

  size(): number {
    return this.#readers.size + this.#collections.size
  }

  save(): unknown {
    return { readers: this.#readers.save(), collections: this.#collections }
  }

  load(saved: unknown): void {
    const { readers, collections } = saved as {
      readonly readers: unknown
      readonly collections: BoundedMap<string, Collection>
    }
    this.#readers.load(readers)
    this.#collections = collections
  }

  /** How much of the collection the principal has by now. */
  #cover(
    o: Observation,
    reader: Reader,
    { type, marks }: ObjectsRead,
    { all, shares }: Collection,
    day: number,
  ): Finding | undefined {
    let share = reader.shares.get(type)
    if (share === undefined || day - share.since > 30) {
      if (share === undefined && reader.shares.size >= mostTypes) return undefined
      share = { since: day, told: day, objects: new DistinctCount({ exact: 32, precision: 9 }) }
      reader.shares.set(type, share)
    }
    for (const mark of marks) share.objects.addNumber(mark)
    const mine = share.objects.count
    if (day > share.told) {
      share.told = day
      // What is far from all others does not teach what is usual.
      if (shares.count < 30 || mine <= 3 * shares.quantile(0.99)) shares.add(mine)
    }
    const { option } = this.#context
    if (
      o.learning ||
      isMachine(o) ||
      mine < option('coverageObjects') ||
      mine < (option('coverage') / 100) * all.count ||
      shares.count < 100 ||
      mine <= 5 * shares.quantile(0.999)
    )
      return undefined
    return {
      message: 'coverage',
      observed: {
        ...observedOf(mine, `${plural(type)} in 30 days`, plural(type)),
        who: whoIs(o.identity),
        noun: plural(type),
        days: day - share.since + 1,
        share: `${Math.min(100, Math.round((1_000 * mine) / all.count) / 10)} %`,
      },
      expected: expectedOf(distributionOf(shares, shares.count, 'everybody who reads them')),
      attempt: false,
      confidence: 0.85,
      severity: 'high',
      ...blame(o),
      evidence: [o.call.id],
      key: `${o.identity.principal}\0${type}\0coverage\0${share.since}`,
    }
  }

  #open(o: Observation, reader: Reader, { type, marks }: ObjectsRead, day: number): readonly Finding[] {
    const metric = metricOf(type)
    const { baseline } = this.#context
    const peers =
      baseline.peerMetric(o.identity, metric) ?? baseline.peerMetric(o.identity, this.#opened.metric)
    let track = reader.tracks.get(type)
    if (track === undefined) {
      // Where it never opened any before, all the days it was here count as days without.
      const profile = baseline.profile(o.identity.principal)
      const none = profile?.hasUsed(o.match.endpoint) === false ? profile.activeDays : 0
      track = newTrack(day, new Array<number>(Math.min(keptDays, none)).fill(0))
      reader.tracks.set(type, track)
      if (reader.tracks.size > mostTypes) {
        const [oldest] = reader.tracks.keys()
        if (oldest !== undefined) reader.tracks.delete(oldest)
      }
    }
    this.#turn(o, track, metric, day, peers)
    for (const mark of marks) {
      track.today.addNumber(mark)
      track.union.addNumber(mark)
    }
    const object = objectOf(o.match)
    const led = object !== undefined && this.#context.grants.has(o, object.id) === true
    track.recent.push({ call: o.call.id, led })
    if (track.recent.length > keptCalls) track.recent.shift()
    if (o.learning) return []
    const message = this.#judge(o, track, peers)
    if (message === '') return []
    // Who reads what lists showed takes much; what nothing led to is somebody else's. Once it is told, what a mixture is shown adds nothing.
    let shown = 0
    for (const one of track.recent) if (one.led) shown += 1
    const mostly = shown > this.#context.option('shown') * track.recent.length
    const goesOn = track.raised === message
    if (goesOn && led && !mostly) return []
    const calls = goesOn ? [o.call.id] : track.recent.map(({ call }) => call)
    track.raised = message
    return [this.#finding(o, track, type, message, peers, calls, mostly)]
  }

  /** Ends the day that has passed. */
  #turn(o: Observation, track: Track, metric: string, day: number, peers: MeasuredPeers | undefined): void {
    if (day <= track.day) return
    const count = track.today.count
    const score = o.learning ? 0 : this.#score(o, track, peers)
    // A day of a rise is not usual: it would teach its own excuse.
    if (score < this.#context.option('threshold') / 3) {
      push(track.usual, count, keptDays)
      this.#context.baseline.teach(o, metric, 'objects', count, track.day)
    }
    push(track.last, count, quotaDays)
    track.sum += count
    if (track.score === 0) {
      track.days = 0
      track.objects = 0
      track.from = track.day
    }
    track.days += 1
    track.objects += count
    // Days without any let it sink.
    track.score = cusum(score, 0, 0.5 * (day - track.day - 1))
    track.day = day
    track.today = newCount()
    if (track.last.length === quotaDays && track.sum >= 2 * total(track.last)) {
      track.union = newCount()
      track.sum = 0
    }
  }

  /** The cumulative sum with today as it is so far. */
  #score(o: Observation, track: Track, peers: MeasuredPeers | undefined): number {
    const own = medianSpread(track.usual.map(count => [Math.log1p(count), 1]))
    const n = track.usual.length
    const machine = isMachine(o)
    // A machine has its own task: others say nothing about it.
    if (machine ? n < machineDays : peers === undefined || (!peers.own && n < ownDays)) return 0
    const weight = machine || peers === undefined ? 1 : n / (n + kappa)
    const others = peers?.metric.logSpread ?? own
    // Who has days of its own is measured by them: much may always have been its work.
    const centre = n >= ownDays ? own.median : weight * own.median + (1 - weight) * others.median
    const spread = toDeviation * (weight * own.mad + (1 - weight) * others.mad)
    const z = (Math.log1p(track.today.count) - centre) / Math.max(spread, leastDeviation)
    return cusum(track.score, Math.min(mostZ, z))
  }

  /** @returns the message that is true now, or nothing */
  #judge(o: Observation, track: Track, peers: MeasuredPeers | undefined): string {
    const { option } = this.#context
    if (
      track.score > 0 &&
      track.days + 1 >= option('days') &&
      track.objects + track.today.count >= option('objects') &&
      this.#score(o, track, peers) > option('threshold')
    )
      return 'slow'
    return !isMachine(o) && this.#isQuota(track, peers) ? 'quota' : ''
  }

  /** Every day as many, and never the same again: a program that is told how much it may take. */
  #isQuota({ last, union, sum }: Track, peers: MeasuredPeers | undefined): boolean {
    if (last.length < quotaDays) return false
    const mean = total(last) / quotaDays
    const variance = last.reduce((square, count) => square + (count - mean) ** 2, 0) / quotaDays
    return (
      mean >= this.#context.option('quota') &&
      Math.sqrt(variance) < 0.05 * mean &&
      union.count >= 0.93 * sum &&
      sum > 0 &&
      (peers === undefined || mean > 2 * peers.metric.median)
    )
  }

  #finding(
    o: Observation,
    track: Track,
    type: string,
    message: string,
    peers: MeasuredPeers | undefined,
    evidence: readonly CallId[],
    shown: boolean,
  ): Finding {
    const quota = message === 'quota'
    const objects = quota ? total(track.last) : track.objects + track.today.count
    return {
      message,
      observed: {
        ...observedOf(quota ? objects / quotaDays : track.today.count, metricOf(type), 'objects'),
        who: whoIs(o.identity),
        objects,
        days: quota ? quotaDays : track.days + 1,
        noun: plural(type),
        score: Math.round(10 * this.#score(o, track, peers)) / 10,
      },
      expected: expectedOf(expectation(o, track, peers)),
      attempt: false,
      confidence: 0.85,
      severity: objects >= 500 ? 'high' : 'medium',
      ...blame(o),
      evidence,
      ...(shown ? { owasp: ['API6:2023'] } : {}),
      key: `${o.identity.principal}\0${type}\0${message}\0${quota ? '' : track.from}${shown ? '\0shown' : ''}`,
    }
  }
}

function expectation(o: Observation, track: Track, peers: MeasuredPeers | undefined): Distribution {
  if (peers !== undefined && !isMachine(o))
    return distributionOf(peers.metric, peers.metric.n, peers.group.name)
  const own = new QuantileSketch()
  for (const count of track.usual) own.add(count)
  return distributionOf(own, track.usual.length, `its own last ${track.usual.length} days`)
}

const isMachine = ({ identity }: Observation): boolean =>
  identity.kind === 'service' || identity.kind === 'apikey'

const keyOf = (o: Observation, type: string): string => `${o.call.destination.host} ${type}`
const metricOf = (type: string): string => `${plural(type)} opened per day`
const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
const newCount = (): DistinctCount => new DistinctCount({ exact: 64, precision: 11 })
const newCollection = (): Collection => ({
  all: new DistinctCount({ precision: 12 }),
  shares: new QuantileSketch({ alpha: 0.02, buckets: 256 }),
})

const newTrack = (day: number, usual: number[]): Track => ({
  day,
  today: newCount(),
  usual,
  last: [],
  union: newCount(),
  sum: 0,
  score: 0,
  days: 0,
  objects: 0,
  from: day,
  recent: [],
  raised: '',
})

function push(list: number[], value: number, most: number): void {
  list.push(value)
  if (list.length > most) list.shift()
}

const people = Array.from({ length: 12 }, (_, index) => `p${index}`).join(',')
/** Five days on which twelve people read a dozen different orders each. */
const history = Array.from(
  { length: 5 },
  (_, day) => `learn ${people} GET /orders/{${day * 12 + 1}..${day * 12 + 12}} -> 200 {"total":3}\nwait 1d`,
).join('\n')
const days = (count: number, line: (day: number) => string): string =>
  Array.from({ length: count }, (_, day) => `${line(day)}\nwait 1d`).join('\n')

export const slowExfiltration = defineDetector({
  id: 'slow-exfiltration',
  title: 'Taking a little every day',
  kind: 'statistical',
  summary:
    'Adds up, over days, how far the different objects of one type that a principal opens lie above what it and its peers usually open, so that a little too much every day is found. It also finds the same quota every day that never repeats, and a share of a collection that nobody else comes near.',
  family: 'exfiltration',
  severity: 'medium',
  owasp: ['API6:2023', 'API1:2023'],
  attack: ['T1530', 'T1029', 'T1030'],
  options: {
    readers: { default: 50_000, reason: 'Principals that read much, followed at a time; about 2 KB each.' },
    reads: {
      default: 10,
      reason: 'Who reads fewer than ten objects a day takes years for anything of worth.',
    },
    threshold: {
      default: 10,
      reason: 'Cumulative deviations; about 140,000 ordinary days lie between two false alarms (Siegmund).',
    },
    days: { default: 3, reason: 'Two days may be a busy week: at least three are slow.' },
    objects: { default: 40, reason: 'Forty objects on the days of the rise: fewer are hardly a theft.' },
    quota: { default: 10, reason: 'Ten objects each day, the same number within a twentieth for a week.' },
    shown: {
      default: 0.67,
      reason:
        'Two of three came to the caller in answers before: it reads what it is shown, only more of it.',
    },
    coverage: { default: 1, reason: 'One in a hundred of all there are, …' },
    coverageObjects: {
      default: 500,
      reason: '… and five hundred, and five times what 99.9 % of readers have.',
    },
  },
  messages: {
    slow: '{who} opened {objects} different {noun} on {days} days, {value} today; the middle of {peers} is {median} a day.',
    quota:
      '{who} read the same number of different {noun} on each of {days} days, about {value}, and none twice.',
    coverage:
      '{who} has read {objects} {noun} in 30 days, {share} of all; 99 % of {peers} have at most {p99}.',
  },
  whenNotAnAttack:
    'A new task that somebody was given (a migration, an audit, the stand-in for a colleague), or a sensor that began to see more of what they do.',
  examples: {
    fires: [
      `${history}\n${days(6, day => `mallory GET /orders/{${1_000 + day * 70}..${1_069 + day * 70}} every 5m -> 200 {"total":3}`)}`,
      `${history}\n${days(9, day => `p3 GET /orders/{${2_000 + day * 40}..${2_039 + day * 40}} every 7m -> 200 {"total":3}`)}`,
    ],
    quiet: [
      `${history}\n${days(9, day => `p3 GET /orders/{${day * 13 + 1}..${day * 13 + 14 + (day % 3)}} every 7m -> 200 {"total":3}`)}`,
      `${history}\np4 GET /orders/{1..90} every 1m -> 200 {"total":3}\nwait 1d\np4 GET /orders/{1..12} -> 200 {"total":3}`,
    ],
  },
  create: context => new SlowExfiltrationRun(context),
})
