import { recordsOf } from '../../baseline/answer-size.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { SlotSets } from '../../baseline/slot-sets.ts'
import { headerOf } from '../../call/api-call.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { memo } from '../../kit/memo.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { whoIs } from '../words.ts'

const exportWord =
  /(?:^|[/_.-])(?:exports?|downloads?|dumps?|backups?|takeout|extracts?|reports?|bulk)(?:$|[/_.-])/i
const kindName =
  /^(?:kind|type|what|entity|entities|resource|table|collection|object|report|dataset|name|scope)$/i
const dayMs = 86_400_000
const fileName = /\.(?:csv|xlsx?|zip|ndjson|parquet)$/i
const fileType =
  /^(?:text\/csv|application\/(?:zip|gzip|x-ndjson|vnd\.ms-excel|vnd\.openxmlformats|x-parquet))/i

const saysExport = memo(template => exportWord.test(template))
const isFileType = memo(type => fileType.test(type))

/** Whether a call hands out a collection as a file, by its path or by what its answer says it is. */
function isExport({ call, match }: Observation): boolean {
  if (saysExport(match.template)) return true
  const { path } = call.request
  if (path.includes('.') && fileName.test(path.slice(-80))) return true
  const headers = call.response?.headers ?? []
  return (
    isFileType(headerOf(headers, 'content-type') ?? '') ||
    /^attachment/i.test(headerOf(headers, 'content-disposition') ?? '')
  )
}

/** What a call asks to have exported, where it says so: `customers` of `{"kind":"customers"}`. */
function kindOf({ call }: Observation): string {
  const words: string[] = []
  const note = (name: string, value: unknown): void => {
    if (typeof value === 'string' && kindName.test(name) && /^[a-z][\w-]{0,39}$/i.test(value))
      words.push(value)
  }
  for (const [name, value] of call.request.query) note(name, value)
  const { content } = call.request
  if (
    content.kind === 'json' &&
    content.value !== null &&
    typeof content.value === 'object' &&
    !Array.isArray(content.value)
  )
    for (const [name, value] of Object.entries(content.value).slice(0, 32)) note(name, value)
  return words.sort().join(' ').slice(0, 120)
}

class UnusualExportRun implements DetectorRun {
  readonly #context: DetectContext
  /** Hashes of what each principal exported before. */
  readonly #done: SlotSets
  /** Exports that were told of, and when last. */
  #told = new BoundedMap<string, number>(5_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#done = context.baseline.sets({ exact: 8, bloomWords: 8 })
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || o.identity.kind === 'anonymous' || actsForOthers(o)) return []
    if (!isExport(o)) return []
    const { baseline } = this.#context
    const slot = baseline.slotOf(o.identity.principal)
    if (slot === undefined) return []
    const { time } = o.call
    const { roles } = o.identity
    const kind = kindOf(o)
    const what = `${o.match.endpoint} ${kind}`
    // What one role does is no habit of another, however few they are.
    const habit = `export ${roles.length > 0 ? [...roles].sort().join(' ') : baseline.peersOf(o.identity).id} ${what}`
    const normal = baseline.isNormal(habit, time)
    const first = this.#done.add(slot, hash32(what))
    baseline.vote(habit, o)
    if (o.learning) return []
    const oversized = this.#oversized(o)
    if (oversized !== undefined) return [oversized]
    const key = `${o.identity.principal}\0${what}`
    const told = this.#told.get(key)
    const goesOn = told !== undefined && time - told <= 7 * dayMs
    if (!goesOn && (normal || !first || !this.#isSurprise(o))) return []
    this.#told.set(key, time)
    return [this.#first(o, kind, key)]
  }

  merged(from: EndpointId, to: EndpointId): void {
    // The sets hold hashes: an export under its new name is told of once more, at most.
    for (const [key, time] of [...this.#told.entries()])
      if (key.includes(`\0${from} `)) this.#told.set(key.replace(`\0${from} `, `\0${to} `), time)
  }

  size(): number {
    return this.#told.size
  }

  save(): unknown {
    return { done: this.#done.save(), told: this.#told }
  }

  load(saved: unknown): void {
    const { done, told } = saved as { readonly done: unknown; readonly told: BoundedMap<string, number> }
    this.#done.load(done)
    this.#told = told
  }

  #oversized(o: Observation): Finding | undefined {
    const { baseline, option } = this.#context
    const bytes = o.call.response?.bodySize ?? 0
    const sizes = baseline.endpoint(o.match.endpoint)?.answerBytes
    if (sizes === undefined || sizes.count < option('known')) return undefined
    if (bytes < option('bytes') || bytes < option('factor') * sizes.quantile(0.99)) return undefined
    return {
      message: 'oversized',
      observed: {
        ...observedOf(bytes, 'bytes of one export', 'bytes'),
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
      },
      expected: expectedOf(distributionOf(sizes, sizes.count, 'all exports from there')),
      attempt: false,
      confidence: 0.82,
      ...blame(o),
      evidence: [o.call.id],
      key: `${o.identity.principal}\0${o.match.endpoint}\0${Math.floor(o.call.time / dayMs)}`,
    }
  }

  /** Somebody who worked for days without, and a file that is worth having. */
  #isSurprise(o: Observation): boolean {
    const { baseline, option } = this.#context
    const profile = baseline.profile(o.identity.principal)
    return (
      profile !== undefined &&
      !profile.forgotten &&
      profile.activeDays >= option('days') &&
      profile.calls >= option('calls') &&
      ((o.call.response?.bodySize ?? 0) >= option('firstBytes') || recordsOf(o.call) >= option('records'))
    )
  }

  #first(o: Observation, kind: string, key: string): Finding {
    const { baseline, option } = this.#context
    const endpoint = baseline.endpoint(o.match.endpoint)
    const sizes = endpoint?.answerBytes
    return {
      message: 'first',
      observed: {
        ...observedOf(o.call.response?.bodySize ?? 0, 'bytes of one export', 'bytes'),
        who: whoIs(o.identity),
        what: kind === '' ? 'a file' : kind,
        endpoint: o.match.endpoint,
        records: recordsOf(o.call),
        days: baseline.profile(o.identity.principal)?.activeDays ?? 0,
      },
      expected:
        sizes !== undefined && sizes.count >= option('known')
          ? expectedOf(distributionOf(sizes, sizes.count, 'all exports from there'))
          : { peers: baseline.peersOf(o.identity).name, n: endpoint?.principals ?? 0 },
      attempt: false,
      confidence: 0.82,
      ...blame(o),
      evidence: [o.call.id],
      key: `${key}\0first`,
    }
  }
}

const rows = (count: number): string =>
  `[${Array.from({ length: count }, (_, index) => `{"id":${index},"name":"Customer ${index}","street":"Long Street ${index}"}`).join(',')}]`
const ordinary = `learn dana GET /customers/{1..12} -> 200 {"name":"A"}\nwait 1d\n`.repeat(6)

export const unusualExport = defineDetector({
  id: 'unusual-export',
  title: 'An export nobody expected',
  kind: 'statistical',
  summary:
    'Watches answers that hand out a collection as a file: the first one of somebody who worked for days without, where it is not what colleagues do, and one that is many times larger than any before.',
  family: 'exfiltration',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1530', 'T1567'],
  options: {
    days: { default: 5, reason: 'After five days with calls it is known what somebody works with.' },
    calls: { default: 50, reason: 'Fifty calls before the first export; who came for it is no surprise.' },
    firstBytes: {
      default: 4_096,
      reason: 'Four kilobytes are about fifty lines: smaller files hold a page.',
    },
    records: { default: 100, reason: 'A hundred records, where the answer tells them.' },
    bytes: { default: 65_536, reason: 'An export below sixty-four kilobytes is not oversized anywhere.' },
    factor: { default: 10, reason: 'Ten times what 99 % of the exports from there weigh.' },
    known: { default: 30, reason: 'Thirty exports before it is known how large they are.' },
  },
  messages: {
    first:
      '{who} exported {what} from {endpoint} for the first time, {value} bytes, after {days} days of work without.',
    oversized:
      '{who} exported {value} bytes from {endpoint}; 99 % of {n} exports from there have at most {p99}.',
  },
  whenNotAnAttack:
    'The end of a quarter, a request for information by a customer, or a new duty of the person.',
  examples: {
    fires: [
      `${ordinary}learn dana POST /exports body={"kind":"orders"} -> 200 ${rows(1_000)}\nwait 1d\ndana POST /exports body={"kind":"customers"} -> 200 ${rows(1_000)}`,
      `${ordinary}dana GET /customers/export -> 200 ${rows(1_000)}`,
      `learn a,b,c,d,e,f GET /reports x 8 -> 200 ${rows(30)}\nwait 1d\nlearn a,b,c,d,e,f GET /reports x 2 -> 200 ${rows(30)}\na GET /reports -> 200 ${rows(1_600)}`,
    ],
    quiet: [
      `${ordinary}learn dana POST /exports body={"kind":"orders"} -> 200 ${rows(1_000)}\nwait 1d\ndana POST /exports body={"kind":"orders"} -> 200 ${rows(1_000)}`,
      `${ordinary}dana GET /customers/{13} -> 200 {"name":"B"}`,
      `learn a,b,c,d,e,f GET /reports x 8 -> 200 ${rows(30)}\nb GET /reports -> 200 ${rows(60)}`,
      `learn a,b,c GET /customers/export -> 200 ${rows(1_000)}\n${ordinary}dana GET /customers/export -> 200 ${rows(1_000)}`,
    ],
  },
  create: context => new UnusualExportRun(context),
})
