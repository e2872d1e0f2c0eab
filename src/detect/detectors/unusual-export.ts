import { recordsOf } from '../../baseline/answer-size.ts'
import type { Observation } from '../../baseline/observation.ts'
import { headerOf } from '../../call/api-call.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { whoIs } from '../words.ts'

const exportWord =
  /(?:^|[/_.-])(?:exports?|downloads?|dumps?|backups?|takeout|extracts?|reports?|bulk)(?:$|[/_.-])/i
const fileName = /\.(?:csv|xlsx?|zip|ndjson|parquet)$/i
const fileType =
  /^(?:text\/csv|application\/(?:zip|gzip|x-ndjson|vnd\.ms-excel|vnd\.openxmlformats|x-parquet))/i

/** Whether a call hands out a collection as a file, by its path or by what its answer says it is. */
function isExport({ call, match }: Observation): boolean {
  if (exportWord.test(match.template) || fileName.test(call.request.path.slice(-80))) return true
  const headers = call.response?.headers ?? []
  return (
    fileType.test(headerOf(headers, 'content-type') ?? '') ||
    /^attachment/i.test(headerOf(headers, 'content-disposition') ?? '')
  )
}

class UnusualExportRun implements DetectorRun {
  readonly #context: DetectContext

  constructor(context: DetectContext) {
    this.#context = context
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || o.identity.kind === 'anonymous' || actsForOthers(o)) return []
    if (!isExport(o)) return []
    const { baseline, option } = this.#context
    const { time } = o.call
    const group = baseline.peersOf(o.identity)
    // What one role does is no habit of another, however few they are.
    const { roles } = o.identity
    const habit = `export ${roles.length > 0 ? [...roles].sort().join(' ') : group.id} ${o.match.endpoint}`
    const normal = baseline.isNormal(habit, time)
    baseline.vote(habit, o)
    if (o.learning) return []
    const bytes = o.call.response?.bodySize ?? 0
    const records = recordsOf(o.call)
    const endpoint = baseline.endpoint(o.match.endpoint)
    const known = endpoint !== undefined && endpoint.answerBytes.count >= option('known')
    if (known && bytes >= option('bytes') && bytes >= option('factor') * endpoint.answerBytes.quantile(0.99))
      return [
        {
          message: 'oversized',
          observed: {
            ...observedOf(bytes, 'bytes of one export', 'bytes'),
            who: whoIs(o.identity),
            endpoint: o.match.endpoint,
          },
          expected: expectedOf(
            distributionOf(endpoint.answerBytes, endpoint.answerBytes.count, 'all exports from there'),
          ),
          attempt: false,
          confidence: 0.8,
          severity: 'medium',
          ...blame(o),
          evidence: [o.call.id],
          key: `${o.identity.principal}\0${o.match.endpoint}\0${Math.floor(time / 86_400_000)}`,
        },
      ]
    const profile = baseline.profile(o.identity.principal)
    if (
      normal ||
      profile === undefined ||
      profile.activeDays < option('days') ||
      profile.calls < option('calls') ||
      profile.hasUsed(o.match.endpoint) !== false ||
      (bytes < option('firstBytes') && records < option('records'))
    )
      return []
    return [
      {
        message: 'first',
        observed: {
          ...observedOf(bytes, 'bytes of one export', 'bytes'),
          who: whoIs(o.identity),
          endpoint: o.match.endpoint,
          records,
          days: profile.activeDays,
        },
        expected: known
          ? expectedOf(
              distributionOf(endpoint.answerBytes, endpoint.answerBytes.count, 'all exports from there'),
            )
          : { peers: group.name, n: endpoint?.principals ?? 0 },
        attempt: false,
        confidence: 0.82,
        severity: 'medium',
        ...blame(o),
        evidence: [o.call.id],
        key: `${o.identity.principal}\0${o.match.endpoint}\0first`,
      },
    ]
  }

  size(): number {
    return 0
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
      default: 8_192,
      reason: 'Eight kilobytes are about a hundred lines: smaller files hold a page.',
    },
    records: { default: 100, reason: 'A hundred records, where the answer tells them.' },
    bytes: { default: 65_536, reason: 'An export below sixty-four kilobytes is not oversized anywhere.' },
    factor: { default: 10, reason: 'Ten times what 99 % of the exports from there weigh.' },
    known: { default: 30, reason: 'Thirty exports before it is known how large they are.' },
  },
  messages: {
    first:
      '{who} exported from {endpoint} for the first time, {value} bytes, after {days} days of work without.',
    oversized:
      '{who} exported {value} bytes from {endpoint}; 99 % of {n} exports from there have at most {p99}.',
  },
  whenNotAnAttack:
    'The end of a quarter, a request for information by a customer, or a new duty of the person.',
  examples: {
    fires: [
      `${ordinary}dana GET /customers/export -> 200 ${rows(1_000)}`,
      `learn a,b,c,d,e,f GET /reports x 8 -> 200 ${rows(30)}\nwait 1d\nlearn a,b,c,d,e,f GET /reports x 2 -> 200 ${rows(30)}\na GET /reports -> 200 ${rows(1_600)}`,
    ],
    quiet: [
      `${ordinary}dana GET /customers/{13} -> 200 {"name":"B"}`,
      `learn a,b,c,d,e,f GET /reports x 8 -> 200 ${rows(30)}\nb GET /reports -> 200 ${rows(60)}`,
      `learn a,b,c GET /customers/export -> 200 ${rows(1_000)}\n${ordinary}dana GET /customers/export -> 200 ${rows(1_000)}`,
    ],
  },
  create: context => new UnusualExportRun(context),
})
