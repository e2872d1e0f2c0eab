import type { Observation } from '../../../baseline/observation.ts'
import type { Graph } from '../../../graph/graph.ts'
import { nodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId } from '../../../kit/id.ts'
import { Episode } from '../../episode.ts'
import { counted, whoIs } from '../../words.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import type { Happening } from '../happening.ts'
import { actorId, dayMs, nodeName } from '../node-age.ts'
import { graveBehind, servedBy } from '../sensitive.ts'
import { Usual } from '../usual.ts'

/** What is known of one trace until it is over. */
interface Trace {
  readonly since: number
  readonly calls: Observation[]
  readonly reads: Happening[]
  rows: number
  /** Rows that are counted to the caller's day, and those that a signal told of. */
  counted: number
  told: number
}

/** The surroundings in which a trace is judged. */
type Judged = Pick<Moment, 'graph' | 'time' | 'learning'>

interface Take {
  readonly episode: Episode
  rows: number
  calls: number
}

/** What one caller read through one endpoint on one day. */
interface Day {
  day: number
  rows: number
  most: number
}

const readsKept = 16
const callsKept = 4

class StoreExfiltrationRun implements GraphDetectorRun {
  readonly #context: GraphContext
  #traces: BoundedMap<string, Trace>
  #usual: BoundedMap<string, Usual>
  #takes: BoundedMap<string, Take>
  #days: BoundedMap<string, Day>
  /** Callers that were told of, by endpoint. */
  #struck: BoundedMap<string, Set<string>>
  #open: { readonly key: string; readonly since: number }[] = []

  constructor(context: GraphContext) {
    this.#context = context
    this.#traces = new BoundedMap(context.option('traces'))
    this.#usual = new BoundedMap(context.option('places'))
    this.#takes = new BoundedMap(context.option('callers'))
    this.#days = new BoundedMap(context.option('callers'))
    this.#struck = new BoundedMap(context.option('places'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    for (const happening of moment.happenings) {
      if (happening.kind !== 'read' || happening.rows === undefined) continue
      if (happening.trace === undefined) this.#direct(moment, happening, found)
      else this.#read(moment, happening.trace, happening, found)
    }
    const { observation } = moment
    const trace = observation?.call.trace?.traceId
    if (observation !== undefined && trace !== undefined) this.#answered(moment, trace, observation, found)
    return found
  }

  traced(o: Observation, graph: Graph): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    const { time, trace } = o.call
    if (trace?.traceId !== undefined)
      this.#answered({ graph, time, learning: o.learning }, trace.traceId, o, found)
    return found
  }

  /** Traces that are over teach what is usual; those that no caller is known of by now were begun by a workload. */
  due(now: number, graph: Graph): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    let over = 0
    for (const { key, since } of this.#open) {
      if (since + this.#context.option('traceMs') > now) break
      over += 1
      const trace = this.#traces.peek(key)
      if (trace !== undefined) this.#judge({ graph, time: now, learning: false }, key, trace, found, true)
      this.#learn(key)
    }
    if (over > 0) this.#open = this.#open.slice(over)
    return found
  }

  size(): number {
    return this.#traces.size + this.#usual.size + this.#takes.size + this.#days.size
  }

  #trace(key: string, time: number): Trace {
    const known = this.#traces.get(key)
    if (known !== undefined) return known
    const trace: Trace = { since: time, calls: [], reads: [], rows: 0, counted: 0, told: 0 }
    this.#traces.set(key, trace)
    this.#open.push({ key, since: time })
    return trace
  }

  #read(moment: Moment, key: string, happening: Happening, found: GraphFinding[]): void {
    const trace = this.#trace(key, moment.time)
    trace.rows += happening.rows ?? 0
    if (trace.reads.length < readsKept) trace.reads.push(happening)
    this.#judge(moment, key, trace, found)
  }

  #answered(moment: Judged, key: string, o: Observation, found: GraphFinding[]): void {
    // A trace without reads is worth remembering only for a moment: its reads may come after the answer.
    const trace = this.#trace(key, moment.time)
    if (trace.calls.length < callsKept) trace.calls.push(o)
    this.#judge(moment, key, trace, found)
  }

  #learn(key: string): void {
    const trace = this.#traces.peek(key)
    this.#traces.delete(key)
    if (trace === undefined || trace.rows === 0) return
    const entry = entryOf(trace)
    if (entry === undefined) {
      for (const read of trace.reads) this.#usualOf(directKey(read)).add(read.rows ?? 0)
      return
    }
    if (entry.outcome !== 'success') return
    if (trace.told === 0) this.#usualOf(entry.match.endpoint).add(trace.rows)
  }

  #usualOf(place: string): Usual {
    return this.#usual.ensure(place, () => new Usual())
  }

  #judge(moment: Judged, key: string, trace: Trace, found: GraphFinding[], over = false): void {
    const entry = entryOf(trace)
    if (entry === undefined || entry.outcome !== 'success' || trace.rows <= trace.counted) return
    // The call that it came in by may be told last.
    if (!over && entry.call.source.workload !== undefined) return
    const { option, excepted } = this.#context
    const { endpoint } = entry.match
    if (excepted(endpoint, entry.identity.principal, ...entry.identity.roles)) return
    const day = this.#daily(entry, trace.rows - trace.counted)
    trace.counted = trace.rows
    const judged =
      this.#far(this.#usual.get(endpoint), trace.rows, option('rows')) ??
      (day.rows > 3 * day.most
        ? this.#far(this.#usual.get(`day ${endpoint}`), day.rows, option('dailyRows'))
        : undefined)
    if (judged === undefined || moment.learning || entry.learning) return
    if (this.#changed(endpoint, entry.identity.principal)) return
    const more = trace.rows - trace.told
    const again = trace.told > 0
    trace.told = trace.rows
    found.push(this.#finding(moment.graph, key, trace, entry, { more, again }, judged))
  }

  /** Several callers are suddenly given more: the endpoint is another one now, and learns anew. */
  #changed(endpoint: string, principal: string): boolean {
    const callers = this.#struck.ensure(endpoint, () => new Set<string>())
    callers.add(principal)
    if (callers.size < this.#context.option('ordinaryCallers')) return false
    this.#struck.delete(endpoint)
    this.#usual.delete(endpoint)
    this.#usual.delete(`day ${endpoint}`)
    return true
  }

  #daily(o: Observation, rows: number): Day {
    const key = `${o.identity.principal}\0${o.match.endpoint}`
    const today = Math.floor(o.call.time / dayMs)
    const day = this.#days.ensure(key, () => ({ day: today, rows: 0, most: 0 }))
    if (today > day.day) {
      this.#usualOf(`day ${o.match.endpoint}`).add(day.rows)
      day.most = Math.max(day.most, day.rows)
      day.day = today
      day.rows = 0
    }
    day.rows += rows
    return day
  }

  #far(
    usual: Usual | undefined,
    rows: number,
    least: number,
  ): { readonly z: number; readonly median: number; readonly support: number } | undefined {
    const { option } = this.#context
    if (usual === undefined || rows < least || usual.support < option('support')) return undefined
    const { z, median } = usual.distance(rows)
    return z > option('z') ? { z, median, support: usual.support } : undefined
  }

  /** Without a trace, what a workload or an identity reads of a store at once. */
  #direct(moment: Moment, read: Happening, found: GraphFinding[]): void {
    const { workload, identity, target, rows = 0 } = read
    const who = identity ?? workload
    if (who === undefined || target === undefined) return
    const key = directKey(read)
    const usual = this.#usualOf(key)
    const judged = this.#far(usual, rows, this.#context.option('rows'))
    if (judged === undefined || moment.learning) {
      usual.add(rows)
      return
    }
    const take = this.#take(key, read.time)
    take.rows += rows
    take.calls += 1
    found.push({
      message: 'direct',
      observed: {
        who: nodeName(who),
        rows: take.rows,
        store: nodeName(target),
        times: counted(take.calls, 'read'),
      },
      expected: { rows: Math.round(judged.median), reads: judged.support },
      attempt: false,
      confidence: Math.min(0.85, 0.5 + judged.z / 60),
      severity: graveBehind(moment.graph, target).length > 0 ? 'high' : 'medium',
      principal: actorId(who),
      evidence: [callId(read.event)],
      dataClasses: graveBehind(moment.graph, target),
      key: `${key}\0${take.episode.from}`,
      subjects: [workload, identity].filter(node => node !== undefined),
      way: [
        ...(workload === undefined ? [] : [workload]),
        ...(identity === undefined ? [] : [identity]),
        target,
      ],
    })
  }

  #take(key: string, time: number): Take {
    const take = this.#takes.ensure(key, () => ({ episode: new Episode(time), rows: 0, calls: 0 }))
    if (take.episode.touch(time)) {
      take.rows = 0
      take.calls = 0
    }
    return take
  }

  #finding(
    graph: Graph,
    trace: string,
    { reads }: Trace,
    o: Observation,
    { more, again }: { readonly more: number; readonly again: boolean },
    judged: { readonly z: number; readonly median: number; readonly support: number },
  ): GraphFinding {
    const series = `${o.identity.principal}\0${o.match.endpoint}`
    const take = this.#take(series, o.call.time)
    take.rows += more
    if (!again) take.calls += 1
    const stores = [...new Set(reads.flatMap(({ target }) => target ?? []))]
    const workload = servedBy(graph, o)
    const dataClasses = [...new Set(stores.flatMap(store => graveBehind(graph, store)))]
    return {
      message: 'answered',
      at: Math.max(o.call.time, ...reads.map(({ time }) => time)),
      observed: {
        who: whoIs(o.identity),
        rows: take.rows,
        times: counted(take.calls, 'call'),
        endpoint: o.match.endpoint,
        stores: stores.map(nodeName),
        z: Math.round(judged.z * 10) / 10,
      },
      expected: { usual: Math.max(1, Math.round(judged.median)), calls: judged.support },
      attempt: false,
      confidence: Math.min(0.9, 0.6 + judged.z / 60),
      severity: dataClasses.length > 0 ? 'high' : 'medium',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id, ...reads.slice(0, 3).map(({ event }) => callId(event))],
      dataClasses,
      key: `${series}\0${take.episode.from}`,
      // The workload answers whom it is asked to answer: the caller acted.
      subjects: [],
      traces: [trace],
      way: [nodeId('endpoint', o.match.endpoint), ...(workload === undefined ? [] : [workload]), ...stores],
    }
  }

  save() {
    return {
      traces: this.#traces,
      usual: this.#usual,
      takes: this.#takes,
      days: this.#days,
      struck: this.#struck,
      open: this.#open,
    }
  }

  load(saved: ReturnType<StoreExfiltrationRun['save']>): void {
    this.#traces = saved.traces
    this.#usual = saved.usual
    this.#takes = saved.takes
    this.#days = saved.days
    this.#struck = saved.struck
    this.#open = saved.open
  }
}

/** The call by which the trace came in: the one that no workload made, else the earliest. */
function entryOf({ calls }: Trace): Observation | undefined {
  const outside = calls.filter(({ call }) => call.source.workload === undefined)
  const from = outside.length > 0 ? outside : calls
  return from.reduce<Observation | undefined>(
    (first, o) => (first === undefined || o.call.time < first.call.time ? o : first),
    undefined,
  )
}

const directKey = ({ workload, identity, target }: Happening): string =>
  `direct ${identity ?? workload ?? ''} ${target ?? ''}`

export const storeExfiltration = defineGraphDetector({
  id: 'store-exfiltration',
  title: 'More rows than a call ever reads',
  summary:
    'Adds up the rows that stores gave out within the trace of a call, and compares them with what calls of that endpoint usually read, and with what a caller usually reads in a day. What leaves through a caller is counted to that caller.',
  family: 'exfiltration',
  severity: 'high',
  owasp: ['API4:2023', 'API6:2023'],
  attack: ['T1213', 'T1030'],
  options: {
    z: { default: 6, reason: 'Six deviations on the logarithm: at least 3.3 times what is usual.' },
    rows: { default: 100, reason: 'Fewer rows than a page or two are no loss.' },
    dailyRows: { default: 1_000, reason: 'Fewer rows a day are what a person looks at.' },
    support: { default: 30, reason: 'Thirty calls say what is usual.' },
    ordinaryCallers: {
      default: 5,
      reason: 'Where five callers are given that much, the endpoint has changed, and learns anew.',
    },
    traceMs: { default: 15_000, reason: 'A trace is over after fifteen seconds, late events included.' },
    traces: { default: 20_000, reason: 'Traces that are open at once.' },
    places: { default: 20_000, reason: 'Endpoints and stores whose usual reads are kept; about 1 kB each.' },
    callers: { default: 50_000, reason: 'Callers of endpoints whose rows are added up.' },
  },
  exceptions: 'endpoints, principals or roles',
  messages: {
    answered:
      '{who} was given {rows} rows from {stores} in {times} to {endpoint}, which usually reads {usual} a call.',
    direct: '{who} read {rows} rows from {store} in {times}, where {usual} at once are usual.',
  },
  whenNotAnAttack: 'An export that is meant to be one, a report at the end of the month, a migration.',
  examples: {
    fires: [
      `store postgresql://db/shop/customers holds us-ssn
repeat 40
alice to=shop/orders trace=t{round} GET /customers?limit=10 every 200ms -> 200 {"items":[]}
shop/orders reads postgresql://db/shop/customers rows=10 trace=t{round} every 20s
end
mallory to=shop/orders trace=big GET /customers?limit=100000 every 200ms -> 200 {"items":[]}
shop/orders reads postgresql://db/shop/customers rows=48000 trace=big`,
    ],
    quiet: [
      `repeat 40
alice to=shop/orders trace=t{round} GET /customers?limit=10 every 200ms -> 200 {"items":[]}
shop/orders reads postgresql://db/shop/customers rows=10 trace=t{round} every 20s
end
bob to=shop/orders trace=more GET /customers?limit=20 every 200ms -> 200 {"items":[]}
shop/orders reads postgresql://db/shop/customers rows=20 trace=more`,
      `store postgresql://db/shop/customers holds us-ssn
shop/orders reads postgresql://db/shop/customers rows=10 every 1h x 100
shop/migration reads postgresql://db/shop/customers rows=48000 kind=Job`,
    ],
  },
  create: context => new StoreExfiltrationRun(context),
})
