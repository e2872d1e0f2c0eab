import { recordsOf } from '../../baseline/answer-size.ts'
import type { Observation } from '../../baseline/observation.ts'
import { pagingOf } from '../../baseline/paging.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

class PageSizeRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Endpoint → who asked for that much, the first few: an export is there for it. */
  readonly #ordinary: BoundedMap<EndpointId, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('callers') })
    this.#ordinary = new BoundedMap(context.option('endpoints'))
  }

  observe(o: Observation): readonly Finding[] {
    const { size } = pagingOf(o.call)
    if (size === undefined || o.outcome === 'unknown' || o.outcome === 'failed') return []
    const profile = this.#context.baseline.endpoint(o.match.endpoint)
    if (profile === undefined || profile.records.count < this.#context.option('answers')) return []
    const factor = this.#context.option('factor')
    const usualSize =
      profile.pageSizes.count < this.#context.option('answers') ? 0 : profile.pageSizes.quantile(0.999)
    const usual = Math.max(1, profile.records.quantile(0.999))
    if (size < this.#context.option('least') || size <= factor * Math.max(usualSize, usual)) return []
    const records = recordsOf(o.call)
    // An answer too large to be kept whole is told by its size.
    const bytes =
      records === 0 && profile.answerBytes.count >= this.#context.option('answers')
        ? (o.call.response?.bodySize ?? 0) / Math.max(1, profile.answerBytes.quantile(0.999))
        : 0
    const answered = o.outcome === 'success' && (records > factor * usual || bytes > factor)
    const callers = this.#ordinary.ensure(o.match.endpoint, () => new Set())
    if (callers.size < 16 && answered) callers.add(o.identity.principal)
    if (o.learning || callers.size >= this.#context.option('ordinary')) return []
    const kind = answered ? 'answered' : 'asked'
    const key = `${o.identity.principal}\0${o.match.endpoint}\0${kind}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    return [
      {
        message: kind,
        observed: {
          ...(answered && records > 0
            ? observedOf(records, 'records in one answer', 'records')
            : observedOf(size, 'records asked for', 'records')),
          who: whoIs(o.identity),
          asked: size,
          records: records > 0 ? records : 'more than could be read',
          endpoint: o.match.endpoint,
          what: counted(stretch.count, 'call'),
        },
        expected: expectedOf(
          distributionOf(
            profile.records,
            Math.round(profile.records.count),
            `answers of ${o.match.endpoint}`,
          ),
        ),
        attempt: !answered,
        confidence: answered ? 0.85 : 0.6,
        severity: answered ? 'medium' : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${key}\0${stretch.from}`,
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
    return this.#stretches.size + this.#ordinary.size
  }

  save(): unknown {
    return [this.#stretches, this.#ordinary]
  }

  load(saved: unknown): void {
    const [stretches, ordinary] = saved as readonly [Stretches, BoundedMap<EndpointId, Set<string>>]
    this.#stretches.adopt(stretches)
    this.#ordinary.adopt(ordinary)
  }
}

export const pageSize = defineDetector({
  id: 'page-size',
  title: 'Far more records in one answer than anybody takes',
  summary:
    'Knows how many records callers ask an endpoint for, and get. A call that asks for several times the most and is answered so takes a table in one go; where the server keeps to its own limit it was an attempt.',
  family: 'automation',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API4:2023'],
  attack: ['T1499.003', 'T1119'],
  options: {
    answers: { default: 30, reason: 'Thirty answers show how large they are.' },
    factor: { default: 3, reason: 'Three times the most of a thousand: growing lists stay below it.' },
    least: { default: 100, reason: 'A hundred records burden nobody, however few others take.' },
    ordinary: { default: 3, reason: 'Three callers who are given that much: the endpoint is for it.' },
    callers: { default: 20_000, reason: 'Callers with such calls remembered; about 400 bytes each.' },
    endpoints: { default: 20_000, reason: 'Endpoints with such callers remembered.' },
  },
  messages: {
    answered:
      '{who} asked {endpoint} for {asked} records in {what} and was given {records}; 99 of 100 answers hold at most {p99}.',
    asked:
      '{who} asked {endpoint} for {asked} records in {what} and was given {records}; 99 of 100 answers hold at most {p99}.',
  },
  whenNotAnAttack: 'An export by somebody who may, or a new client that fetches larger pages.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave GET /items?limit=5 x 10 -> 200 {"items":[1,2,3,4,5]}
mallory GET /items?limit=100000 -> 200 {"items":[${Array.from({ length: 40 }, (_, index) => index).join()}]}`,
      `learn ann,bob,carol,dave GET /items?limit=5 x 10 -> 200 {"items":[1,2,3,4,5]}
mallory GET /items?limit=100000 -> 400`,
      `learn ann,bob,carol,dave GET /items?limit=5 x 10 -> 200 {"items":[1,2,3,4,5]}
mallory GET /items?limit=5000&page=9 x 6 -> 200 {"items":[]}
mallory GET /items?limit=5000 -> 200 {"items":[${Array.from({ length: 40 }, (_, index) => index).join()}]}`,
    ],
    quiet: [
      `learn ann,bob,carol,dave GET /items?limit=5 x 10 -> 200 {"items":[1,2,3,4,5]}
ann GET /items?limit=50 -> 200 {"items":[1,2,3,4,5,6,7,8,9]}`,
    ],
  },
  create: context => new PageSizeRun(context),
})
