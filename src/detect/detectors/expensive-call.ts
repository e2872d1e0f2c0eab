import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { QuantileSketch } from '../../kit/quantile-sketch.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const hourMs = 3_600_000

/** How busy a host is lately: slow answers of everybody are no caller's doing. Plain data. */
interface Load {
  from: number
  calls: number
  slow: number
  /** Milliseconds of work of all callers in the running ten minutes, and of the one with the most. */
  work: number
  readonly by: Map<string, number>
  /** Of each caller, the two longest answers in it. */
  readonly longest: Map<string, readonly [number, number]>
  readonly slowBy: Set<string>
  /** Answers since the start that were as fast as ever. */
  fast: number
  /** Milliseconds of work of each caller in the windows before. */
  readonly usual: QuantileSketch
}

const windowMs = 600_000

class ExpensiveCallRun implements DetectorRun {
  readonly #context: DetectContext
  /** Milliseconds of all answered calls of an endpoint, refused ones too: where it costs to refuse, that is known. */
  readonly #usual: BoundedMap<EndpointId, QuantileSketch>
  readonly #loads: BoundedMap<string, Load>
  readonly #stretches: Stretches
  /** Caller and endpoint → fast answers of the host before the first slow one. */
  readonly #fastBefore: BoundedMap<string, number>

  constructor(context: DetectContext) {
    this.#context = context
    this.#usual = new BoundedMap(context.option('endpoints'))
    this.#loads = new BoundedMap(context.option('hosts'))
    this.#stretches = new Stretches({ most: context.option('callers'), gapMs: 6 * hourMs })
    this.#fastBefore = new BoundedMap(context.option('callers'))
  }

  observe(o: Observation): readonly Finding[] {
    const ms = o.call.durationMs
    if (ms === undefined || o.outcome === 'unknown' || actsForOthers(o) || isOpenEnded(o)) return []
    const usual = this.#usual.ensure(
      o.match.endpoint,
      () => new QuantileSketch({ alpha: 0.05, buckets: 128 }),
    )
    const known = usual.count >= this.#context.option('calls')
    // What takes no time is slow nowhere: what is usual here need not be asked for.
    const slow =
      known &&
      ms > this.#context.option('floorMs') &&
      ms > this.#context.option('factor') * usual.quantile(0.99)
    const load = this.#load(o, ms, slow)
    // Nobody teaches alone that slow is usual.
    if (!slow || o.learning || load.slowBy.size >= this.#context.option('ordinary')) usual.add(ms)
    if (o.learning) return []
    if (!slow) return this.#busy(o, load)
    // A host that is slow to everybody is slow by itself.
    if (
      (load.calls >= 10 && load.slow > this.#context.option('busy') * load.calls) ||
      load.slowBy.size >= this.#context.option('ordinary')
    )
      return []
    const caller = callerOf(o)
    const key = `${caller}\0${o.match.endpoint}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    if (stretch.count === 1) this.#fastBefore.set(key, load.fast)
    // Between the slow ones the host answers others as ever: it is the calls that are slow, not the host.
    const fast = load.fast - (this.#fastBefore.peek(key) ?? load.fast)
    if (stretch.count < this.#context.option('slowCalls') || fast < this.#context.option('fastCalls'))
      return []
    const share = (load.by.get(caller) ?? 0) / Math.max(1, load.work)
    return [
      {
        message: 'slow',
        observed: {
          ...observedOf(Math.round(ms), 'time until the answer', 'ms'),
          who: whoIs(o.identity),
          endpoint: o.match.endpoint,
          what: counted(stretch.count, 'call'),
          share: Math.round(100 * share),
        },
        expected: expectedOf(
          distributionOf(usual, Math.round(usual.count), `answers of ${o.match.endpoint}`),
        ),
        attempt: o.outcome === 'refused',
        confidence: Math.min(0.9, 0.6 + 0.05 * stretch.count + (share > 0.5 ? 0.1 : 0)),
        severity: ms >= 1_000 || share > 0.5 ? 'medium' : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${key}\0${stretch.from}`,
      },
    ]
  }

  /** Little's law: a caller whose calls have the host work far longer than those of anybody in ten minutes, and most of its time. */
  #busy(o: Observation, load: Load): readonly Finding[] {
    // An integration has a budget of its own, and is most of the load at night.
    if (o.identity.kind === 'apikey' || o.identity.kind === 'service') return []
    const caller = callerOf(o)
    const work = load.by.get(caller) ?? 0
    const share = work / Math.max(1, load.work)
    if (load.usual.count < this.#context.option('windows') || share < this.#context.option('share')) return []
    const most = load.usual.quantile(0.999)
    // One or two answers that take long are long calls, judged by themselves: an export, a report.
    const [first, second] = load.longest.get(caller) ?? [0, 0]
    if (
      work - first - second <
      Math.max(this.#context.option('workMs'), this.#context.option('shareFactor') * most)
    )
      return []
    const stretch = this.#stretches.step(`${caller}\0work`, o.call.time, o.call.id)
    return [
      {
        message: 'busy',
        observed: {
          ...observedOf(Math.round(work), 'work of the host in ten minutes', 'ms'),
          who: whoIs(o.identity),
          endpoint: o.match.endpoint,
          host: o.call.destination.host,
          share: Math.round(100 * share),
        },
        expected: expectedOf(
          distributionOf(load.usual, Math.round(load.usual.count), 'ten minutes of other callers'),
        ),
        attempt: false,
        confidence: Math.min(0.9, 0.8 + 0.1 * share),
        severity: 'medium',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${caller}\0${stretch.from}\0work`,
      },
    ]
  }

  merged(from: EndpointId, to: EndpointId): void {
    const gone = this.#usual.peek(from)
    if (gone === undefined || from === to) return
    this.#usual.delete(from)
    const mine = this.#usual.get(to)
    if (mine === undefined) this.#usual.set(to, gone)
    else mine.merge(gone)
  }

  size(): number {
    return this.#usual.size + this.#loads.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#usual, this.#loads, this.#stretches, this.#fastBefore]
  }

  load(saved: unknown): void {
    const [usual, loads, stretches, fastBefore] = saved as readonly [
      BoundedMap<EndpointId, QuantileSketch>,
      BoundedMap<string, Load>,
      Stretches,
      BoundedMap<string, number>,
    ]
    this.#usual.adopt(usual)
    this.#loads.adopt(loads)
    this.#stretches.adopt(stretches)
    this.#fastBefore.adopt(fastBefore)
  }

  /** Little's law: the sum of the times in a window is how much of the host each caller occupies. */
  #load(o: Observation, ms: number, slow: boolean): Load {
    const load = this.#loads.ensure(o.call.destination.host, () => ({
      from: o.call.time,
      calls: 0,
      slow: 0,
      work: 0,
      by: new Map(),
      longest: new Map(),
      slowBy: new Set(),
      fast: 0,
      usual: new QuantileSketch({ alpha: 0.02, buckets: 128 }),
    }))
    if (o.call.time - load.from > windowMs) {
      const most =
        load.usual.count < 100
          ? Number.MAX_VALUE
          : this.#context.option('shareFactor') * load.usual.quantile(0.999)
      // Who took far more than ever is no measure of what is usual.
      for (const work of load.by.values()) if (work <= most) load.usual.add(work)
      load.from = o.call.time
      load.calls = 0
      load.slow = 0
      load.work = 0
      load.by.clear()
      load.longest.clear()
      load.slowBy.clear()
    }
    const caller = callerOf(o)
    load.work += ms
    const before = load.by.get(caller)
    if (before !== undefined || load.by.size < 256) load.by.set(caller, (before ?? 0) + ms)
    const longest = load.longest.get(caller)
    const [first, second] = longest === undefined ? [0, 0] : [longest[0], longest[1]]
    if (ms > second && (longest !== undefined || load.longest.size < 256))
      load.longest.set(caller, ms > first ? [ms, first] : [first, ms])
    load.calls += 1
    if (slow) {
      load.slow += 1
      if (load.slowBy.size < 16) load.slowBy.add(caller)
    } else load.fast += 1
    return load
  }
}

/** Streams and long polls last as long as they last. */
const isOpenEnded = ({ match, call }: Observation): boolean =>
  match.operation?.stream === true ||
  match.operation?.kind === 'subscribe' ||
  match.operation?.protocol === 'llm' ||
  call.response?.status === 101

export const expensiveCall = defineDetector({
  id: 'expensive-call',
  title: 'Calls that cost the server far more than others',
  summary:
    'Compares the time an answer takes with all other answers of its endpoint. Several calls of one caller that take many times longer, while the server answers everybody else as ever, carry a value that is expensive to handle: a pattern that backtracks, a search without bounds.',
  family: 'automation',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API4:2023'],
  attack: ['T1499.003', 'T1499.004'],
  options: {
    calls: { default: 30, reason: 'Thirty answers show how long they take.' },
    factor: { default: 5, reason: 'Five times the slowest of a hundred: a cold cache stays below it.' },
    floorMs: { default: 250, reason: 'A quarter of a second burdens nobody.' },
    slowCalls: { default: 2, reason: 'One slow answer is chance.' },
    ordinary: {
      default: 3,
      reason: 'Three callers with slow answers within ten minutes: slow is usual now.',
    },
    fastCalls: { default: 2, reason: 'Two answers as fast as ever between the slow ones.' },
    windows: {
      default: 200,
      reason: 'Two hundred times ten minutes of callers show how much work they make.',
    },
    share: { default: 0.5, reason: 'Half of all the work of a host is a burden, whoever else there is.' },
    shareFactor: { default: 2, reason: 'Twice the most of a thousand windows.' },
    workMs: { default: 5_000, reason: 'Five seconds of work in ten minutes burden nobody.' },
    busy: { default: 0.3, reason: 'Where three of ten calls are slow the server is, not the caller.' },
    endpoints: { default: 20_000, reason: 'Endpoints whose times are remembered; at most 1 KiB each.' },
    hosts: { default: 2_000, reason: 'Hosts whose load is remembered.' },
    callers: { default: 20_000, reason: 'Callers with slow calls remembered; about 400 bytes each.' },
  },
  messages: {
    busy: '{who} had {host} work for {value} ms within ten minutes, {share} % of all its work, the last at {endpoint}; 99 of 100 callers need {p99} ms.',
    slow: '{who} had {endpoint} work for {value} ms in the last of {what}, {share} % of the time its host worked; 99 of 100 answers take {p99} ms.',
  },
  whenNotAnAttack: 'A report or an import that is known to take long, or the first calls after a restart.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave PUT /users/{self}/email body={"email":"{self}@mail.example"} ms=6 x 10 -> 204
mallory PUT /users/{mallory}/email body={"email":"aaaaaaaaaaaaaaaaaaaaaaaa!"} ms=320 every 40s -> 400
ann PUT /users/{ann}/email body={"email":"a@mail.example"} ms=6 every 9s x 3 -> 204
mallory PUT /users/{mallory}/email body={"email":"aaaaaaaaaaaaaaaaaaaaaaaa!"} ms=1250 every 40s x 2 -> 400`,
      `learn ${Array.from({ length: 24 }, (_, index) => `u${index + 1}`).join()} GET /search?q=x ms=50 every 80s -> 200 {"items":[]}
${Array.from({ length: 9 }, () => `learn ${Array.from({ length: 24 }, (_, index) => `u${index + 1}`).join()} GET /search?q=x ms=50 every 80s -> 200 {"items":[]}`).join('\n')}
wait 1h
mallory GET /search?q=a ms=120 every 1s x 200 -> 200 {"items":[]}`,
    ],
    quiet: [
      `learn ${Array.from({ length: 24 }, (_, index) => `u${index + 1}`).join()} GET /search?q=x ms=50 every 80s -> 200 {"items":[]}
${Array.from({ length: 9 }, () => `learn ${Array.from({ length: 24 }, (_, index) => `u${index + 1}`).join()} GET /search?q=x ms=50 every 80s -> 200 {"items":[]}`).join('\n')}
wait 1h
u3 POST /exports ms=11000 every 40s x 2 -> 200 {"rows":[]}
u3 GET /search?q=x ms=50 every 9s x 4 -> 200 {"items":[]}`,
      `learn ann,bob,carol,dave PUT /users/{self}/email body={"email":"{self}@mail.example"} ms=6 x 10 -> 204
ann,bob,carol,dave,eve PUT /users/{self}/email body={"email":"{self}@mail.example"} ms=900 every 9s x 3 -> 204
wait 1h
ann PUT /users/{ann}/email body={"email":"a@mail.example"} ms=1200 -> 204`,
    ],
  },
  create: context => new ExpensiveCallRun(context),
})
