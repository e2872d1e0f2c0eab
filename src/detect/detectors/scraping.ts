import { isListing, recordsOf } from '../../baseline/answer-size.ts'
import type { EndpointProfile } from '../../baseline/endpoint-profile.ts'
import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import { pagingOf } from '../../baseline/paging.ts'
import type { SlotColumn } from '../../baseline/slot-column.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { CallId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { Automation } from '../automation.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { counted, methodOf, plural, span, subjectOf, whoIs } from '../words.ts'

const minute = 60_000
const hour = 60 * minute
const keptPages = 512
const keptCalls = 100
const logUnlikely = Math.log(1e-6)

/** What one caller reads of lists in one stretch. Plain data. */
interface Reading {
  from: number
  last: number
  /** Hashes of the different pages: endpoint and query. */
  readonly pages: number[]
  pageCount: number
  listCalls: number
  /** List calls that asked for as much as anybody ever does. */
  fullSize: number
  records: number
  /** Records of pages that were not read before in this stretch. */
  fresh: number
  otherCalls: number
  /** The end of a list was reached. */
  ended: boolean
  readonly automation: Automation
  recent: CallId[]
  raised: boolean
}

class ScrapingRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #records: Measure
  readonly #pages: Measure
  /** The most records an hour that the caller read while nothing was wrong. */
  readonly #usual: SlotColumn
  #readings: BoundedMap<string, Reading>

  constructor(context: DetectContext) {
    this.#context = context
    this.#records = context.baseline.measure({ metric: 'records per hour', unit: 'records', windowMs: hour })
    this.#pages = context.baseline.measure({ metric: 'list pages per hour', unit: 'pages', windowMs: hour })
    this.#usual = context.baseline.column('f32')
    this.#readings = new BoundedMap(context.option('readings'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || actsForOthers(o)) return []
    const key = callerOf(o)
    const { time } = o.call
    const listing = methodOf(o) === 'GET' && isListing(o.call)
    const known = this.#readings.get(key)
    const going = known !== undefined && time - known.last <= 30 * minute && time - known.from <= 24 * hour
    if (!listing) {
      if (going) known.otherCalls += 1
      return []
    }
    const slot = this.#context.baseline.slotOf(o.identity.principal)
    if (slot === undefined) return []
    const records = recordsOf(o.call)
    const before = this.#records.value(slot, time)
    if (before === 0) this.#learnUsual(slot, this.#records.before(slot, time), going && known.raised)
    const value = this.#records.add(slot, time, records)
    if (o.learning) this.#learnUsual(slot, value, false)
    const reading = going ? known : newReading(time)
    if (!going) this.#readings.set(key, reading)
    this.#note(o, reading, records)
    const pages = this.#pages.raise(slot, time, reading.pageCount)
    if (o.learning || reading.listCalls < this.#context.option('calls')) return []
    if (reading.raised) return [this.#finding(o, reading, slot, [o.call.id])]
    const signs = signsOf(reading)
    if (signs.length === 0 || !this.#isTooMuch(o, slot, reading, value, pages, signs.length)) return []
    reading.raised = true
    return [this.#finding(o, reading, slot, reading.recent)]
  }

  size(): number {
    return this.#readings.size
  }

  save(): unknown {
    return { usual: this.#usual.save(), readings: this.#readings }
  }

  load(saved: unknown): void {
    const { usual, readings } = saved as {
      readonly usual: unknown
      readonly readings: BoundedMap<string, Reading>
    }
    this.#usual.load(usual)
    this.#readings = readings
  }

  #note(o: Observation, reading: Reading, records: number): void {
    const { call, match } = o
    reading.last = Math.max(reading.last, call.time)
    reading.listCalls += 1
    reading.records += records
    const target = hash32(`${match.endpoint}?${call.request.target.slice(0, 500)}|${bodyMark(o)}`)
    if (!reading.pages.includes(target)) {
      reading.pageCount += 1
      reading.fresh += records
      reading.pages.push(target)
      if (reading.pages.length > keptPages) reading.pages.shift()
    }
    const { size } = pagingOf(call)
    if (size !== undefined) {
      const endpoint = this.#context.baseline.endpoint(match.endpoint)
      if (isFullSize(size, records, endpoint)) reading.fullSize += 1
      if (records < size && reading.pageCount >= 5) reading.ended = true
    }
    reading.automation.add(call.time, target, hash32(match.endpoint))
    reading.recent.push(call.id)
    if (reading.recent.length > keptCalls) reading.recent.shift()
  }

  #learnUsual(slot: number, value: number, raised: boolean): void {
    if (!raised && value > this.#usual.get(slot)) this.#usual.set(slot, value)
  }

  #isTooMuch(
    o: Observation,
    slot: number,
    reading: Reading,
    value: number,
    pages: number,
    signs: number,
  ): boolean {
    const { baseline, option } = this.#context
    const usual = this.#usual.get(slot)
    if (value <= option('ownFactor') * usual) return false
    // A machine is compared with itself, over a week at least: each has its own task.
    const { kind } = o.identity
    const profile = baseline.profile(o.identity.principal)
    if (kind === 'service' || kind === 'apikey')
      return profile !== undefined && profile.activeDays >= 7 && usual > 0 && value >= 3 * usual && signs >= 2
    const byRecords = baseline.peerMetric(o.identity, this.#records.metric)
    const byPages = baseline.peerMetric(o.identity, this.#pages.metric)
    if (byRecords === undefined || byPages === undefined)
      return (
        signs >= 2 && reading.pageCount >= option('pagesAlone') && reading.fresh >= option('recordsAlone')
      )
    if (
      pages >= option('pages') &&
      pages >= option('peerFactor') * byPages.metric.quantile(0.99) &&
      byPages.metric.logTail(pages) < logUnlikely
    )
      return true
    return (
      value >= option('records') &&
      value >= option('peerFactor') * byRecords.metric.quantile(0.99) &&
      byRecords.metric.logTail(value) < logUnlikely
    )
  }

  #finding(o: Observation, reading: Reading, slot: number, evidence: readonly CallId[]): Finding {
    const { baseline } = this.#context
    const value = this.#records.value(slot, o.call.time)
    const peers = baseline.peerMetric(o.identity, this.#records.metric)
    const noun = subjectOf(o.match)
    const signs = signsOf(reading)
    return {
      message: peers === undefined ? 'alone' : 'peers',
      observed: {
        ...observedOf(value, this.#records.metric, this.#records.unit),
        who: whoIs(o.identity),
        what: counted(reading.records, 'record'),
        noun: plural(noun),
        pages: counted(reading.pageCount, 'page'),
        endpoint: o.match.endpoint,
        time: span(reading.last - reading.from),
        signs,
        ended: reading.ended,
      },
      expected:
        peers === undefined
          ? { signs: 'few', n: 0 }
          : expectedOf(distributionOf(peers.metric, peers.metric.n, peers.group.name)),
      attempt: false,
      confidence: Math.min(0.95, 0.6 + 0.1 * signs.length),
      severity: reading.ended || reading.pageCount >= 100 ? 'high' : 'medium',
      ...blame(o),
      evidence,
      key: `${callerOf(o)}\0${reading.from}`,
    }
  }
}

/** What speaks for a program that takes everything, in words. */
function signsOf(reading: Reading): readonly string[] {
  const signs = reading.automation.signs().map(({ words }) => words)
  if (reading.fullSize >= 0.9 * reading.listCalls) signs.push('the largest pages there are')
  if (reading.ended) signs.push('read to the end')
  if (reading.listCalls >= 20 && reading.otherCalls <= 0.05 * reading.listCalls)
    signs.push('lists only, nothing a person does beside')
  return signs
}

/** As much as anybody asks for, where most ask for less. */
function isFullSize(size: number, records: number, endpoint: EndpointProfile | undefined): boolean {
  if (endpoint === undefined || endpoint.pageSizes.count < 20) return size >= 100 && records >= 0.9 * size
  return size >= 0.98 * endpoint.pageSizes.quantile(0.99) && size > 1.5 * endpoint.pageSizes.quantile(0.5)
}

/** Which page a posted query asks for. */
function bodyMark(o: Observation): string {
  if (o.call.request.method === 'GET') return ''
  const { place, cursor, size } = pagingOf(o.call)
  return `${place ?? ''}|${cursor?.slice(0, 200) ?? ''}|${size ?? ''}`
}

const newReading = (time: number): Reading => ({
  from: time,
  last: time,
  pages: [],
  pageCount: 0,
  listCalls: 0,
  fullSize: 0,
  records: 0,
  fresh: 0,
  otherCalls: 0,
  ended: false,
  automation: new Automation(),
  recent: [],
  raised: false,
})

const staff = Array.from({ length: 12 }, (_, index) => `u${index}`).join(',')
const list = (size: number): string =>
  `[${Array.from({ length: size }, (_, index) => `{"id":${index}}`).join(',')}]`
/** Four days on which twelve people look at a few pages each. */
const history = Array.from(
  { length: 4 },
  () => `learn ${staff} GET /products?page={n}&size=20 every 20s x 3 -> 200 ${list(20)}\nwait 23h`,
).join('\n')

export const scraping = defineDetector({
  id: 'scraping',
  title: 'Taking a whole collection',
  kind: 'statistical',
  summary:
    'Counts the records and pages of lists that a caller reads in an hour against what its peers read, and looks for the signs of a program that takes everything: the largest pages, even pauses, read to the end, nothing beside. Both are needed.',
  family: 'exfiltration',
  severity: 'medium',
  owasp: ['API6:2023', 'API4:2023'],
  attack: ['T1119', 'T1213'],
  options: {
    readings: {
      default: 20_000,
      reason: 'Callers of lists followed at a time; up to 4 KB each under attack.',
    },
    calls: { default: 10, reason: 'Fewer than ten lists are nothing to judge by.' },
    pages: { default: 20, reason: 'Twenty pages of lists in an hour: people leaf through two or three.' },
    records: { default: 500, reason: 'Five hundred records in an hour, whatever the peers take.' },
    peerFactor: {
      default: 3,
      reason: 'Three times what 99 % of peers read in an hour, besides a chance of one in a million.',
    },
    ownFactor: { default: 1.2, reason: 'What a caller did before without harm is its habit.' },
    pagesAlone: { default: 60, reason: 'Without peers to compare with, sixty different pages …' },
    recordsAlone: { default: 3_000, reason: '… and three thousand different records are a collection.' },
  },
  messages: {
    peers:
      '{who} read {what} on {pages} in {time}, {value} in the last hour; 99 % of {peers} read at most {p99} in an hour.',
    alone: '{who} read {what} on {pages} in {time}, one after the other.',
  },
  whenNotAnAttack:
    'A partner who is allowed to copy the collection, a search engine you want, a migration, or a new export somebody agreed on.',
  examples: {
    fires: [
      `${history}\nmallory GET /products?page={n}&size=20 every 2s x 60 -> 200 ${list(20)}`,
      `${history}\nanonymous agent=python-requests GET /products?size=20 every 2s x 200 -> 200 ${list(20)}`,
      `mallory GET /products?page={n}&size=100 every 1s x 80 -> 200 ${list(100)}`,
    ],
    quiet: [
      `${history}\nu3 GET /products?page={n}&size=20 every 20s x 5 -> 200 ${list(20)}`,
      `anonymous GET /prices every 30s x 150 -> 200 ${list(10)}`,
      `learn feed kind=service GET /products?page={n}&size=100 every 1s x 60 -> 200 ${list(100)}\nwait 1d\nfeed kind=service GET /products?page={n}&size=100 every 1s x 60 -> 200 ${list(100)}`,
    ],
  },
  create: context => new ScrapingRun(context),
})
