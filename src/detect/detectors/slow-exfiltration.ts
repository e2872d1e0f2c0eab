import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { PeerGroup } from '../../baseline/peer-groups.ts'
import type { PeerMetric } from '../../baseline/peer-metric.ts'
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
import { plural, whoIs } from '../words.ts'

const dayMs = 86_400_000
const keptDays = 28
const mostTypes = 3
const keptCalls = 40
/** Days of own history that count as much as the peers do. */
const kappa = 14
/** The deviation of a normal distribution is so many times its median absolute deviation. */
const toDeviation = 1.4826
/** On the logarithm: a third more or less is nothing. */
const leastDeviation = 0.3
/** One day counts at most so many deviations: a single large day is not slow. */
const mostZ = 4
const quotaDays = 7
const machineDays = 7

/** What one principal reads, by days. Plain data. */
interface Reader {
  day: number
  today: DistinctCount
  /** Different objects on finished days that were nothing unusual, the latest 28. */
  usual: number[]
  /** The same of the last seven days, whatever they were. */
  last: number[]
  /** Different objects of all days since `sum` was begun, and the sum of those of each day. */
  union: DistinctCount
  sum: number
  /** By type: different objects in about 30 days. */
  types: Map<string, DistinctCount>
  typesSince: number
  /** Cumulative sum over finished days, how many they were since it left zero, and what was read on them. */
  score: number
  days: number
  objects: number
  /** The day on which it left zero. */
  from: number
  recent: CallId[]
  /** The message of the finding that goes on. */
  raised: string
}

/** What everybody reads of one type. */
interface Collection {
  readonly all: DistinctCount
  /** Of how many one principal has, one value for each of them and day. */
  readonly shares: QuantileSketch
}

interface Peers {
  readonly group: PeerGroup
  readonly metric: PeerMetric
}

class SlowExfiltrationRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #objects: Measure
  readonly #readers: SlotMap<Reader>
  #collections = new BoundedMap<string, Collection>(500)

  constructor(context: DetectContext) {
    this.#context = context
    this.#objects = context.baseline.measure({ metric: 'objects per day', unit: 'objects' })
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
    if (known === undefined && this.#objects.add(slot, time, read.marks.length) < option('reads')) return []
    const reader = known ?? newReader(time)
    if (known === undefined) this.#readers.set(slot, reader)
    const peers = baseline.peerMetric(o.identity, this.#objects.metric)
    this.#turn(o, reader, Math.floor(time / dayMs), peers)
    note(o, reader, read)
    this.#objects.raise(slot, time, reader.today.count)
    if (o.learning) return []
    const found = this.#judge(o, reader, read, collection, peers)
    if (found === '') return []
    const calls = reader.raised === found ? [o.call.id] : [...reader.recent]
    reader.raised = found
    return [this.#finding(o, reader, read, found, collection, peers, calls)]
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

  /** Ends the days that have passed. */
  #turn(o: Observation, reader: Reader, day: number, peers: Peers | undefined): void {
    if (day <= reader.day) return
    const count = reader.today.count
    const score = o.learning ? 0 : this.#score(o, reader, peers)
    // A day of a rise is not usual: it would teach its own excuse.
    if (score < this.#context.option('threshold') / 3) push(reader.usual, count, keptDays)
    push(reader.last, count, quotaDays)
    reader.sum += count
    if (reader.score === 0) {
      reader.days = 0
      reader.objects = 0
      reader.from = reader.day
    }
    reader.days += 1
    reader.objects += count
    // Days without reading let it sink.
    reader.score = cusum(score, 0, 0.5 * (day - reader.day - 1))
    for (const [type, mine] of reader.types) {
      const shares = this.#collections.peek(keyOf(o, type))?.shares
      const usually =
        shares === undefined || shares.count < 30 ? Number.POSITIVE_INFINITY : shares.quantile(0.99)
      if (mine.count <= 3 * usually) shares?.add(mine.count)
    }
    reader.day = day
    reader.today = newToday()
    if (reader.last.length === quotaDays && reader.sum >= 2 * total(reader.last)) {
      reader.union = newUnion()
      reader.sum = 0
    }
    if (day - reader.typesSince > 30) {
      reader.typesSince = day
      reader.types = new Map()
    }
  }

  /** The cumulative sum with today as it is so far. */
  #score(o: Observation, reader: Reader, peers: Peers | undefined): number {
    const own = medianSpread(reader.usual.map(count => [Math.log1p(count), 1]))
    const n = reader.usual.length
    const machine = isMachine(o)
    // A machine has its own task: others say nothing about it.
    if (machine ? n < machineDays : peers === undefined) return 0
    const weight = machine || peers === undefined ? 1 : n / (n + kappa)
    const others = peers?.metric.logSpread ?? own
    const centre = weight * own.median + (1 - weight) * others.median
    const spread = toDeviation * (weight * own.mad + (1 - weight) * others.mad)
    const z = (Math.log1p(reader.today.count) - centre) / Math.max(spread, leastDeviation)
    return cusum(reader.score, Math.min(mostZ, z))
  }

  /** @returns the message that is true now, or nothing */
  #judge(
    o: Observation,
    reader: Reader,
    { type }: ObjectsRead,
    collection: Collection,
    peers: Peers | undefined,
  ): string {
    const { option } = this.#context
    const score = this.#score(o, reader, peers)
    if (
      score > option('threshold') &&
      reader.score > 0 &&
      reader.days + 1 >= option('days') &&
      reader.objects + reader.today.count >= option('objects') &&
      (peers === undefined || isMachine(o) || reader.today.count > 2 * peers.metric.median)
    )
      return 'slow'
    if (isMachine(o)) return ''
    const mine = reader.types.get(type)?.count ?? 0
    if (
      mine >= option('coverageObjects') &&
      mine >= (option('coverage') / 100) * collection.all.count &&
      collection.shares.count >= 100 &&
      mine > 5 * collection.shares.quantile(0.999)
    )
      return 'coverage'
    return this.#isQuota(reader, peers) ? 'quota' : ''
  }

  /** Every day as many, and never the same again: a program that is told how much it may take. */
  #isQuota({ last, union, sum }: Reader, peers: Peers | undefined): boolean {
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
    reader: Reader,
    { type }: ObjectsRead,
    message: string,
    collection: Collection,
    peers: Peers | undefined,
    evidence: readonly CallId[],
  ): Finding {
    const mine = reader.types.get(type)?.count ?? 0
    const days = message === 'quota' ? quotaDays : message === 'coverage' ? 30 : reader.days + 1
    const objects =
      message === 'quota'
        ? total(reader.last)
        : message === 'coverage'
          ? mine
          : reader.objects + reader.today.count
    return {
      message,
      observed: {
        ...(message === 'coverage'
          ? observedOf(mine, `${plural(type)} in 30 days`, plural(type))
          : observedOf(
              message === 'quota' ? total(reader.last) / quotaDays : reader.today.count,
              this.#objects.metric,
              this.#objects.unit,
            )),
        who: whoIs(o.identity),
        objects,
        days,
        noun: plural(type),
        share: `${Math.round((1_000 * mine) / Math.max(1, collection.all.count)) / 10} %`,
        score: Math.round(10 * this.#score(o, reader, peers)) / 10,
      },
      expected: expectedOf(this.#expected(o, reader, message, collection, peers)),
      attempt: false,
      confidence: message === 'coverage' ? 0.85 : 0.8,
      severity: objects >= 1_000 ? 'high' : 'medium',
      ...blame(o),
      evidence,
      key: `${o.identity.principal}\0${message}\0${message === 'slow' ? reader.from : reader.typesSince}`,
    }
  }

  #expected(
    o: Observation,
    reader: Reader,
    message: string,
    { shares }: Collection,
    peers: Peers | undefined,
  ): Distribution {
    if (message === 'coverage') return distributionOf(shares, shares.count, 'everybody who reads them')
    if (peers !== undefined && !isMachine(o))
      return distributionOf(peers.metric, peers.metric.n, peers.group.name)
    const own = new QuantileSketch()
    for (const count of reader.usual) own.add(count)
    return distributionOf(own, reader.usual.length, `its own last ${reader.usual.length} days`)
  }
}

const isMachine = ({ identity }: Observation): boolean =>
  identity.kind === 'service' || identity.kind === 'apikey'

const keyOf = (o: Observation, type: string): string => `${o.call.destination.host} ${type}`
const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
const newToday = (): DistinctCount => new DistinctCount({ exact: 128, precision: 11 })
const newUnion = (): DistinctCount => new DistinctCount({ exact: 128, precision: 11 })
const newCollection = (): Collection => ({
  all: new DistinctCount({ precision: 12 }),
  shares: new QuantileSketch({ alpha: 0.02, buckets: 256 }),
})

const newReader = (time: number): Reader => ({
  day: Math.floor(time / dayMs),
  today: newToday(),
  usual: [],
  last: [],
  union: newUnion(),
  sum: 0,
  types: new Map(),
  typesSince: Math.floor(time / dayMs),
  score: 0,
  days: 0,
  objects: 0,
  from: Math.floor(time / dayMs),
  recent: [],
  raised: '',
})

function push(list: number[], value: number, most: number): void {
  list.push(value)
  if (list.length > most) list.shift()
}

function note(o: Observation, reader: Reader, { type, marks }: ObjectsRead): void {
  let count = reader.types.get(type)
  if (count === undefined && reader.types.size < mostTypes) {
    count = new DistinctCount({ exact: 64, precision: 9 })
    reader.types.set(type, count)
  }
  for (const mark of marks) {
    reader.today.addNumber(mark)
    reader.union.addNumber(mark)
    count?.addNumber(mark)
  }
  reader.recent.push(o.call.id)
  if (reader.recent.length > keptCalls) reader.recent.shift()
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
    'Adds up, over days, how far the different objects that a principal reads lie above what it and its peers usually read, so that a little too much every day is found. It also finds the same quota every day that never repeats, and a share of a collection that nobody else comes near.',
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
    objects: { default: 100, reason: 'A hundred objects on the days of the rise: fewer are hardly a theft.' },
    quota: { default: 30, reason: 'Thirty objects each day, the same number within a twentieth for a week.' },
    coverage: { default: 1, reason: 'One in a hundred of all there are, …' },
    coverageObjects: {
      default: 500,
      reason: '… and five hundred, and five times what 99.9 % of readers have.',
    },
  },
  messages: {
    slow: '{who} read {objects} different {noun} on {days} days, {value} today; the middle of {peers} is {median} a day.',
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
