import { isListing, recordsOf } from '../../baseline/answer-size.ts'
import type { EndpointProfile } from '../../baseline/endpoint-profile.ts'
import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import { isPagingName, type Paging, pagingOf } from '../../baseline/paging.ts'
import type { SlotColumn } from '../../baseline/slot-column.ts'
import type { ApiCall } from '../../call/api-call.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { CallId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { Automation } from '../automation.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { objectsRead } from '../objects-read.ts'
import type { Why } from '../tuning/why.ts'
import { counted, methodOf, plural, span, subjectOf, whoIs } from '../words.ts'

const hour = 3_600_000
const keptPages = 128
const keptWalks = 4
const keptCalls = 100
const logUnlikely = Math.log(1e-6)

/** How far one list was read. Plain data. */
interface Walk {
  /** Hashes of the different pages, the latest. */
  readonly pages: number[]
  depth: number
  place: number
  step: number
  /** Pages in a row that followed each other at the same distance. */
  ordered: number
}

/** What one caller reads of lists in one stretch. Plain data. */
interface Reading {
  from: number
  last: number
  /** By list: endpoint and filters. The longest unused goes for a new one. */
  readonly walks: Map<string, Walk>
  /** Of the list read farthest. */
  depth: number
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
  readonly #depth: Measure
  /** The most records an hour and the deepest list that the caller read while nothing was wrong. */
  readonly #usual: SlotColumn
  #readings: BoundedMap<string, Reading>
  /** Role and list → how deep the few of a role read it in settled history. */
  #roleDepth = new BoundedMap<string, number>(5_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#records = context.baseline.measure({ metric: 'records per hour', unit: 'records', windowMs: hour })
    this.#depth = context.baseline.measure({ metric: 'pages of one list per day', unit: 'pages' })
    this.#usual = context.baseline.column('f32', 2)
    this.#readings = new BoundedMap(context.option('readings'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || actsForOthers(o)) return []
    const key = callerOf(o)
    const { time } = o.call
    const known = this.#readings.get(key)
    const going =
      known !== undefined &&
      time - known.last <= this.#context.option('idleHours') * hour &&
      time - known.from <= 24 * hour
    if (methodOf(o) !== 'GET' || !isListing(o.call)) {
      if (!going) return []
      // Records opened one by one are part of the reading, what else is done is not.
      if (objectsRead(o) === undefined) known.otherCalls += 1
      else {
        known.last = Math.max(known.last, time)
        known.automation.add(time, hash32(o.call.request.path.slice(0, 200)), hash32(o.match.endpoint))
        keep(known.recent, o.call.id)
        if (known.raised && !o.learning) return [this.#finding(o, known, [o.call.id])]
      }
      return []
    }
    const slot = this.#context.baseline.slotOf(o.identity.principal)
    if (slot === undefined) return []
    const records = recordsOf(o.call)
    const calm = !going || !known.raised
    if (calm && this.#records.value(slot, time) === 0)
      this.#learnUsual(slot, 0, this.#records.before(slot, time))
    const value = this.#records.add(slot, time, records)
    // Nothing more is kept of who looks at first pages now and then.
    if (!going && value < this.#context.option('records') / 5 && isFirstPage(pagingOf(o.call))) {
      this.#depth.raise(slot, time, 1)
      if (o.learning) this.#learnUsual(slot, 0, value)
      return []
    }
    const reading = going ? known : newReading(time)
    if (!going) this.#readings.set(key, reading)
    this.#note(o, reading, records)
    if (calm && this.#depth.value(slot, time) === 0) this.#learnUsual(slot, 1, this.#depth.before(slot, time))
    this.#depth.raise(slot, time, reading.depth)
    if (o.learning) {
      this.#learnUsual(slot, 0, value)
      this.#learnUsual(slot, 1, reading.depth)
      const place = this.#placeOf(o)
      if (place !== undefined && reading.depth > (this.#roleDepth.get(place) ?? 0))
        this.#roleDepth.set(place, reading.depth)
      return []
    }
    if (reading.raised) return [this.#finding(o, reading, [o.call.id])]
    if (reading.listCalls < this.#context.option('calls')) return []
    const signs = signsOf(reading)
    if (signs.length === 0 || !this.#isTooMuch(o, slot, reading, value, signs.length)) return []
    reading.raised = true
    return [this.#finding(o, reading, reading.recent)]
  }

  why(o: Observation): Why | undefined {
    if (actsForOthers(o)) return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
    const reading = this.#readings.peek(callerOf(o))
    if (reading === undefined) return { state: 'other-kind', text: 'The caller reads no list at the moment.' }
    const { option } = this.#context
    const signs = signsOf(reading)
    return {
      state: 'below',
      text: `${counted(reading.records, 'record')} on ${counted(reading.listCalls, 'page')} in this visit, the deepest list ${counted(reading.depth, 'page')} (from ${option('records')} records an hour or ${option('pages')} pages on, and far above the peers), ${signs.length === 0 ? 'with no sign of a program' : `signs of a program: ${signs.join(', ')}`}.`,
      ...{ value: reading.records, threshold: option('records'), unit: 'records' },
    }
  }

  size(): number {
    return this.#readings.size + this.#roleDepth.size
  }

  save(): unknown {
    return { usual: this.#usual.save(), readings: this.#readings, roleDepth: this.#roleDepth }
  }

  load(saved: unknown): void {
    const { usual, readings, roleDepth } = saved as {
      readonly usual: unknown
      readonly readings: BoundedMap<string, Reading>
      readonly roleDepth: BoundedMap<string, number>
    }
    this.#usual.load(usual)
    this.#readings = readings
    this.#roleDepth = roleDepth
  }

  #note(o: Observation, reading: Reading, records: number): void {
    const { call, match } = o
    reading.last = Math.max(reading.last, call.time)
    reading.listCalls += 1
    reading.records += records
    const paging = pagingOf(call)
    const list = hash32(`${match.endpoint}?${filtersOf(call)}`)
    const page = hash32(`${list}|${paging.place ?? ''}|${paging.cursor?.slice(0, 300) ?? ''}`)
    const walk = walkOf(reading, String(list), !isFirstPage(paging))
    if (!walk.pages.includes(page)) {
      walk.depth += 1
      walk.pages.push(page)
      if (walk.pages.length > keptPages) walk.pages.shift()
      follow(walk, paging)
      reading.depth = Math.max(reading.depth, walk.depth)
      reading.pageCount += 1
      reading.fresh += records
    }
    if (paging.size !== undefined) {
      const endpoint = this.#context.baseline.endpoint(match.endpoint)
      if (isFullSize(paging.size, records, endpoint)) reading.fullSize += 1
      if (records < paging.size && walk.depth >= 5) reading.ended = true
    }
    reading.automation.add(call.time, page, hash32(match.endpoint))
    keep(reading.recent, call.id)
  }

  #learnUsual(slot: number, at: 0 | 1, value: number): void {
    if (value > this.#usual.get(slot, at)) this.#usual.set(slot, value, at)
  }

  /** The list as the caller's role reads it; of roles alone: what all users together do says nothing of one. */
  #placeOf(o: Observation): string | undefined {
    const group = this.#context.roles.groupOf(o)
    return group.startsWith('kind:') ? undefined : `${group}\0${o.match.endpoint}`
  }

  #isTooMuch(o: Observation, slot: number, reading: Reading, value: number, signs: number): boolean {
    const { baseline, option } = this.#context
    const usual = this.#usual.get(slot)
    const usualDepth = this.#usual.get(slot, 1)
    // A machine is compared with itself, over a week at least: each has its own task.
    const { kind } = o.identity
    const profile = baseline.profile(o.identity.principal)
    if (kind === 'service' || kind === 'apikey')
      return profile !== undefined && profile.activeDays >= 7 && usual > 0 && value >= 3 * usual && signs >= 2
    const byRecords = baseline.peerMetric(o.identity, this.#records.metric)
    const byDepth = baseline.peerMetric(o.identity, this.#depth.metric)
    if (byRecords === undefined || byDepth === undefined)
      return (
        signs >= 2 && reading.pageCount >= option('pagesAlone') && reading.fresh >= option('recordsAlone')
      )
    const few = this.#context.roles.standingOf(o).principals < option('few')
    const place = few ? this.#placeOf(o) : undefined
    const ofRole = place === undefined ? 0 : (this.#roleDepth.get(place) ?? 0)
    if (
      reading.depth >= option('pages') &&
      reading.depth > option('ownFactor') * usualDepth &&
      // Too few for a group of peers of their own, the people of a role still have the same work.
      reading.depth > option('ownFactor') * ofRole &&
      reading.depth >= option('depthFactor') * byDepth.metric.quantile(0.99)
    )
      return true
    return (
      value >= option('records') &&
      value > option('ownFactor') * usual &&
      value >= option('peerFactor') * byRecords.metric.quantile(0.99) &&
      byRecords.metric.logTail(value) < logUnlikely
    )
  }

  #finding(o: Observation, reading: Reading, evidence: readonly CallId[]): Finding {
    const { baseline, option } = this.#context
    const deep = reading.depth >= option('pages')
    const measure = deep ? this.#depth : this.#records
    const slot = baseline.slotOf(o.identity.principal) ?? 0
    const value = deep ? reading.depth : this.#records.value(slot, o.call.time)
    const peers = baseline.peerMetric(o.identity, measure.metric)
    const signs = signsOf(reading)
    return {
      message: peers === undefined ? 'alone' : deep ? 'deep' : 'many',
      observed: {
        ...observedOf(value, measure.metric, measure.unit),
        who: whoIs(o.identity),
        what: counted(reading.records, 'record'),
        noun: plural(subjectOf(o.match)),
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
      confidence: Math.min(0.95, 0.75 + 0.05 * signs.length),
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
  for (const { ordered } of reading.walks.values())
    if (ordered >= 4) {
      signs.push('page after page')
      break
    }
  if (reading.automation.calls >= 20 && reading.otherCalls <= 0.05 * reading.automation.calls)
    signs.push('reading only, nothing a person does beside')
  return signs
}

/** As much as anybody asks for, where most ask for less. */
function isFullSize(size: number, records: number, endpoint: EndpointProfile | undefined): boolean {
  if (endpoint === undefined || endpoint.pageSizes.count < 20) return size >= 100 && records >= 0.9 * size
  return size >= 0.98 * endpoint.pageSizes.quantile(0.99) && size > 1.5 * endpoint.pageSizes.quantile(0.5)
}

/** What is asked of the list besides the page: two filters are two lists. */
function filtersOf(call: ApiCall): string {
  const filters = call.request.query.filter(([name]) => !isPagingName(name))
  const { content } = call.request
  const body =
    content.kind === 'json' && call.request.bodySize < 16_384
      ? JSON.stringify(content.value).slice(0, 500).replace(/\d+/g, '0')
      : ''
  return (
    filters
      .map(([name, value]) => `${name}=${value.slice(0, 100)}`)
      .join('&')
      .slice(0, 500) + body
  )
}

/** @param later the page is not the first one: that was read before */
function walkOf(reading: Reading, list: string, later: boolean): Walk {
  const known = reading.walks.get(list)
  if (known !== undefined) {
    reading.walks.delete(list)
    reading.walks.set(list, known)
    return known
  }
  const walk: Walk = { pages: [], depth: later ? 1 : 0, place: -1, step: 0, ordered: 0 }
  reading.walks.set(list, walk)
  if (reading.walks.size > keptWalks) {
    const [oldest] = reading.walks.keys()
    if (oldest !== undefined) reading.walks.delete(oldest)
  }
  return walk
}

/** Places are counted from 0 or from 1. */
const isFirstPage = ({ place, cursor }: Paging): boolean =>
  cursor === undefined && (place === undefined || place <= 1)

/** Whether a page follows the one before at the same distance; an opaque place that is new does. */
function follow(walk: Walk, { place, cursor }: Paging): void {
  if (place === undefined) {
    if (cursor !== undefined) walk.ordered += 1
    return
  }
  const step = place - walk.place
  if (walk.place >= 0 && step > 0 && (walk.step === 0 || step === walk.step)) walk.ordered += 1
  else walk.ordered = 0
  walk.step = walk.place >= 0 ? step : 0
  walk.place = place
}

function keep(recent: CallId[], call: CallId): void {
  recent.push(call)
  if (recent.length > keptCalls) recent.shift()
}

const newReading = (time: number): Reading => ({
  from: time,
  last: time,
  walks: new Map(),
  depth: 0,
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
    'Counts how many pages of one list and how many records a caller reads, against what its peers read, and looks for the signs of a program that takes everything: the largest pages, even pauses, read to the end, nothing beside. Both are needed.',
  family: 'exfiltration',
  severity: 'medium',
  owasp: ['API6:2023', 'API4:2023'],
  attack: ['T1119', 'T1213'],
  options: {
    readings: {
      default: 20_000,
      reason: 'Callers of lists followed at a time; up to 4 KB each under attack.',
    },
    idleHours: {
      default: 2,
      reason: 'A slow program takes a page every few minutes; two quiet hours end a visit.',
    },
    depthFactor: { default: 2, reason: 'Twice as deep into a list as 99 % of peers go in a day.' },
    calls: { default: 6, reason: 'Fewer than six lists are nothing to judge by.' },
    pages: { default: 6, reason: 'Six pages of one list in a visit: people leaf through two or three.' },
    records: { default: 500, reason: 'Five hundred records in an hour, whatever the peers take.' },
    peerFactor: {
      default: 3,
      reason: 'Three times what 99 % of peers read; for records also a chance of one in a million.',
    },
    few: {
      default: 20,
      reason: 'Of a role of less than twenty nobody is usual: what one of them did, the others may.',
    },
    ownFactor: { default: 1.2, reason: 'What a caller did before without harm is its habit.' },
    pagesAlone: { default: 60, reason: 'Without peers to compare with, sixty different pages …' },
    recordsAlone: { default: 3_000, reason: '… and three thousand different records are a collection.' },
  },
  messages: {
    deep: '{who} read {value} pages of one list of {noun} in {time}; 99 % of {peers} read at most {p99} in a day.',
    many: '{who} read {what} on {pages} in {time}, {value} in the last hour; 99 % of {peers} read at most {p99} in an hour.',
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
      `${history}\nlearn sam roles=analyst GET /backoffice/orders?page={n}&size=20 every 5s x 14 -> 200 ${list(20)}\nwait 1d\nsue roles=analyst GET /backoffice/orders?page={n}&size=20 every 5s x 14 -> 200 ${list(20)}`,
      `${history}\nu3 GET /products?page={n}&size=20 every 20s x 5 -> 200 ${list(20)}`,
      `anonymous GET /prices every 30s x 150 -> 200 ${list(10)}`,
      `learn feed kind=service GET /products?page={n}&size=100 every 1s x 60 -> 200 ${list(100)}\nwait 1d\nfeed kind=service GET /products?page={n}&size=100 every 1s x 60 -> 200 ${list(100)}`,
    ],
  },
  create: context => new ScrapingRun(context),
})
