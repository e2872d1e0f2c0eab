import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { ApiCall } from '../src/call/api-call.ts'
import { isRejection, parseEventLine } from '../src/call/event-line.ts'
import { Redactor } from '../src/call/redactor.ts'
import { Catalog } from '../src/catalog/catalog.ts'
import type { CatalogOptions } from '../src/catalog/catalog-options.ts'
import { evidenceTerms } from '../src/catalog/templates/evidence.ts'
import { evidenceOf, identify } from '../src/identity/identify.ts'
import { SessionDirectory } from '../src/identity/session-directory.ts'
import type { EndpointId } from '../src/kit/id.ts'

/**
 * Scores the path templates that the catalog learns from labelled traffic:
 * `node scripts/score-catalog.ts <folder> [--ablation] [--show DOCUMENT] [--half a|b] [--density N] [--json
 * FILE]`.
 *
 * The folder holds `traffic.jsonl.gz`, lines of `{call, operation, document, n}`: `operation` is the true
 * `METHOD /template` or null for a scanner's call, `n` counts the calls of an operation. Each density keeps the lines up
 * to an `n` and feeds them in order of time to one catalog, which never sees the labels. All figures are means over the
 * documents; scanner calls are fed in and not scored. `--show` lists what was missed and invented in a document (or `all`),
 * `--ablation` scores again without each kind of evidence. `--half` keeps the documents of one half, split by a hash of the
 * name. Exit 0 after scoring, 2 where something is missing.
 *
 * What peers do, by their published rules, stands beside it: each segment alone becomes a placeholder or not, scanner calls
 * left out. Half b is not held out where its documents were looked at; traffic of other documents is made by
 * `generate-catalog-traffic.ts`.
 *
 * - template precision and recall: admitted endpoints against true operations that were called, compared up to the
 *   names of parameters; a candidate does not count as found
 * - pairwise precision, recall, F1: over all pairs of a document's calls, "the same operation" against "the same
 *   endpoint" (assignments resolved at the end)
 * - endpoints: endpoints that the calls went to, per true operation
 * - µs: median time of `observe` for one call
 * - over-merge: calls of operations with a literal where another operation of the document has a placeholder, whose
 *   endpoint has a placeholder there
 */

interface Row {
  readonly call: ApiCall
  readonly operation: string | null
  readonly document: string
  readonly n: number
}

interface Rates {
  readonly templatePrecision: number
  readonly templateRecall: number
  readonly pairPrecision: number
  readonly pairRecall: number
  readonly pairF1: number
  readonly overMerge: number
  readonly endpointsPerOperation: number
}

interface DocumentScore extends Rates {
  readonly document: string
  readonly operations: number
  readonly missed: readonly string[]
  readonly invented: readonly string[]
}

interface DensityScore extends Rates {
  readonly density: number
  readonly documents: readonly DocumentScore[]
  /** Median of `observe`. */
  readonly microseconds: number
}

const densities = [3, 10, 30]

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ablation: { type: 'boolean' },
    show: { type: 'string' },
    half: { type: 'string' },
    density: { type: 'string' },
    json: { type: 'string' },
  },
})
const usage = 'node scripts/score-catalog.ts <folder with traffic.jsonl.gz> [--ablation] [--json FILE]'
const folder = positionals[0] ?? fail(`Which traffic? ${usage}`)
if (!existsSync(folder)) fail(`There is no folder ${folder}.`)
const file = join(folder, 'traffic.jsonl.gz')
if (!existsSync(file)) fail(`traffic.jsonl.gz is missing in ${folder}.`)
if (values.half !== undefined && values.half !== 'a' && values.half !== 'b') fail('--half is a or b.')

/** Half of the documents, by the name alone. */
const halfOf = (document: string): 'a' | 'b' =>
  createHash('sha256').update(document).digest()[0]! % 2 === 0 ? 'a' : 'b'

function read(): Row[] {
  const redactor = new Redactor({ key: createHash('sha256').update('score').digest() })
  const rows: Row[] = []
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const { call, operation, document, n } = JSON.parse(line) as {
      call: object
      operation: string | null
      document: string
      n: number
    }
    const event = parseEventLine(JSON.stringify(call), file, index + 1, redactor)
    if (isRejection(event) || event.type !== 'call') fail(`Line ${index + 1} is not a readable call.`)
    else rows.push({ call: event, operation, document, n })
  }
  if (rows.length === 0) fail(`There is not one call in ${file}.`)
  return rows.sort((a, b) => a.call.time - b.call.time || (a.call.id < b.call.id ? -1 : 1))
}

const nameless = (template: string): string => template.replace(/\{[^}]*\}/g, '{}')

function scoreDensity(rows: readonly Row[], density: number, options: Partial<CatalogOptions>): DensityScore {
  const kept = rows.filter(({ n }) => n <= density)
  const catalog = new Catalog(options)
  const sessions = new SessionDirectory()
  const identities = kept.map(({ call }) => {
    const identity = identify(evidenceOf(call), sessions)
    sessions.observe(call, identity)
    return identity
  })
  const assigned: EndpointId[] = []
  const times: number[] = []
  for (const [index, { call }] of kept.entries()) {
    const started = process.hrtime.bigint()
    assigned.push(catalog.observe(call, identities[index]!).endpoint)
    times.push(Number(process.hrtime.bigint() - started) / 1_000)
  }
  const microseconds = times.sort((a, b) => a - b)[times.length >> 1]!

  const admitted = catalog.endpoints().filter(({ inventory }) => inventory !== 'candidate')
  const byDocument = new Map<string, { operations: string[]; endpoints: EndpointId[]; host: string }>()
  for (const [index, { call, operation, document }] of kept.entries()) {
    if (operation === null) continue
    const entry = byDocument.get(document) ?? { operations: [], endpoints: [], host: call.destination.host }
    entry.operations.push(operation)
    entry.endpoints.push(catalog.resolve(assigned[index]!))
    byDocument.set(document, entry)
  }
  const documents = [...byDocument].map(([document, { operations, endpoints, host }]): DocumentScore => {
    const found = new Set(
      admitted
        .filter(endpoint => endpoint.host === host)
        .map(endpoint => nameless(`${endpoint.method} ${endpoint.template}`)),
    )
    return scoreDocument(document, operations, endpoints, found)
  })
  return { density, ...mean(documents), documents, microseconds }
}

/** `found` are templates told to exist, `endpoints` what each call was given to; all with placeholders without a name. */
function scoreDocument(
  document: string,
  operations: readonly string[],
  endpoints: readonly string[],
  found: ReadonlySet<string>,
): DocumentScore {
  const truth = new Set(operations.map(nameless))
  const right = [...found].filter(id => truth.has(id)).length
  return {
    document,
    operations: truth.size,
    templatePrecision: found.size === 0 ? 0 : right / found.size,
    templateRecall: right / truth.size,
    ...pairs(operations, endpoints),
    overMerge: overMerge(operations, endpoints),
    endpointsPerOperation: new Set(endpoints).size / truth.size,
    missed: [...truth].filter(id => !found.has(id)).sort(),
    invented: [...found].filter(id => !truth.has(id)).sort(),
  }
}

const numberOrUuid = (segment: string): boolean =>
  /^\d+$/.test(segment) || /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(segment)

/** Rules that look at one segment alone: which are values. */
const peers: Readonly<Record<string, (segment: string) => boolean>> = {
  'number or UUID': numberOrUuid,
  'APIClarity: or 8 characters, above 2 digits': segment =>
    numberOrUuid(segment) || (segment.length >= 8 && segment.replace(/\D/g, '').length > 2),
}

function scorePeer(
  rows: readonly Row[],
  density: number,
  isValue: (segment: string) => boolean,
): Omit<DensityScore, 'microseconds'> {
  const byDocument = new Map<string, { operations: string[]; endpoints: string[] }>()
  for (const { call, operation, document, n } of rows) {
    if (n > density || operation === null) continue
    const entry = byDocument.get(document) ?? { operations: [], endpoints: [] }
    const path = call.request.path.split('/').map(segment => (isValue(segment) ? '{}' : segment))
    entry.operations.push(operation)
    entry.endpoints.push(`${call.request.method} ${path.join('/')}`)
    byDocument.set(document, entry)
  }
  const documents = [...byDocument].map(([document, { operations, endpoints }]) =>
    scoreDocument(document, operations, endpoints, new Set(endpoints)),
  )
  return { density, ...mean(documents), documents }
}

const twos = (count: number): number => (count * (count - 1)) / 2

function pairs(
  truth: readonly string[],
  found: readonly string[],
): Pick<Rates, 'pairPrecision' | 'pairRecall' | 'pairF1'> {
  const tally = (keys: readonly string[]): number => {
    const counts = new Map<string, number>()
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
    let sum = 0
    for (const count of counts.values()) sum += twos(count)
    return sum
  }
  const both = tally(truth.map((key, index) => `${key}\n${found[index]}`))
  const same = tally(truth)
  const grouped = tally(found)
  const precision = grouped === 0 ? 1 : both / grouped
  const recall = same === 0 ? 1 : both / same
  return {
    pairPrecision: precision,
    pairRecall: recall,
    pairF1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  }
}

/** Share of the calls of literal siblings that went to an endpoint with a placeholder in the literal's place. */
function overMerge(operations: readonly string[], endpoints: readonly string[]): number {
  const placeholders = new Set<string>()
  for (const operation of operations) {
    const segments = pathOf(operation)
    for (const [index, segment] of segments.entries())
      if (segment.includes('{')) placeholders.add(prefix(segments, index))
  }
  let siblings = 0
  let swallowed = 0
  for (const [index, operation] of operations.entries()) {
    const segments = pathOf(operation)
    const places = segments.flatMap((segment, at) =>
      !segment.includes('{') && placeholders.has(prefix(segments, at)) ? [at] : [],
    )
    if (places.length === 0) continue
    siblings += 1
    const given = pathOf(endpoints[index]!)
    if (places.some(at => given[at]?.includes('{') === true)) swallowed += 1
  }
  return siblings === 0 ? 0 : swallowed / siblings
}

const pathOf = (id: string): string[] => id.slice(id.indexOf('/') + 1).split('/')
const prefix = (segments: readonly string[], index: number): string =>
  nameless(segments.slice(0, index).join('/'))

function mean(scores: readonly Rates[]): Rates {
  const of = (key: keyof Rates): number =>
    scores.reduce((sum, score) => sum + score[key], 0) / Math.max(1, scores.length)
  return {
    templatePrecision: of('templatePrecision'),
    templateRecall: of('templateRecall'),
    pairPrecision: of('pairPrecision'),
    pairRecall: of('pairRecall'),
    pairF1: of('pairF1'),
    overMerge: of('overMerge'),
    endpointsPerOperation: of('endpointsPerOperation'),
  }
}

const percent = (rate: number): string => (rate * 100).toFixed(1).padStart(6)
const columns = '  n   template P      R   pairs P      R     F1  over-merge  endpoints       µs'
const rowOf = (score: Omit<DensityScore, 'microseconds'>, microseconds?: number): string =>
  `${String(score.density).padStart(3)}       ${percent(score.templatePrecision)} ${percent(score.templateRecall)}    ${percent(score.pairPrecision)} ${percent(score.pairRecall)} ${percent(score.pairF1)}      ${percent(score.overMerge)}     ${score.endpointsPerOperation.toFixed(3)}${microseconds === undefined ? '' : `   ${microseconds.toFixed(1).padStart(6)}`}`

const all = read()
const chosen = values.density === undefined ? densities : [Number(values.density)]
const parts: readonly (readonly [string, readonly Row[]])[] =
  values.half === undefined
    ? [
        ['all documents', all],
        ['half a', all.filter(({ document }) => halfOf(document) === 'a')],
        ['half b', all.filter(({ document }) => halfOf(document) === 'b')],
      ]
    : [[`half ${values.half}`, all.filter(({ document }) => halfOf(document) === values.half)]]
const out: string[] = []
const report: Record<string, unknown> = {}
for (const [name, rows] of parts) {
  const scores = chosen.map(density => scoreDensity(rows, density, {}))
  report[name] = scores
  out.push(
    `${name}: ${scores[0]!.documents.length}`,
    columns,
    ...scores.map(score => rowOf(score, score.microseconds)),
    '',
  )
  if (name !== parts[0]![0]) continue
  for (const [rule, isValue] of Object.entries(peers)) {
    const theirs = chosen.map(density => scorePeer(rows, density, isValue))
    out.push(`peers' rule: ${rule}`, ...theirs.map(score => rowOf(score)), '')
  }
  const last = scores[scores.length - 1]!
  for (const score of scores) {
    out.push(`worst documents at n <= ${score.density}`)
    const worst = [...score.documents].sort(
      (a, b) =>
        a.pairF1 +
        a.templateRecall +
        a.templatePrecision -
        (b.pairF1 + b.templateRecall + b.templatePrecision),
    )
    for (const one of worst.slice(0, 8))
      out.push(
        `  ${one.document.padEnd(40)} template ${percent(one.templatePrecision)} ${percent(one.templateRecall)}  pairs ${percent(one.pairF1)}  over-merge ${percent(one.overMerge)}`,
      )
    out.push('')
  }
  if (values.show !== undefined) {
    for (const one of last.documents) {
      if (values.show !== 'all' && one.document !== values.show) continue
      if (one.missed.length + one.invented.length === 0) continue
      out.push(one.document)
      for (const missed of one.missed) out.push(`  - ${missed}`)
      for (const invented of one.invented) out.push(`  + ${invented}`)
    }
    out.push('')
  }
}
if (values.ablation === true) {
  const rows = parts[0]![1]
  out.push(`without one kind of evidence, ${parts[0]![0]}: pairs F1, template P and R, over-merge`)
  const ablation: Record<string, readonly DensityScore[]> = {}
  for (const term of [undefined, ...evidenceTerms]) {
    const scores = chosen.map(density =>
      scoreDensity(rows, density, term === undefined ? {} : { without: [term] }),
    )
    ablation[term ?? 'nothing left out'] = scores
    const cells = scores.map(
      score =>
        `n <= ${String(score.density).padEnd(2)} ${percent(score.pairF1)} ${percent(score.templatePrecision)} ${percent(score.templateRecall)} ${percent(score.overMerge)}`,
    )
    out.push(`  ${(term ?? 'nothing left out').padEnd(18)}${cells.join('   ')}`)
  }
  report.ablation = ablation
  out.push('')
}
process.stdout.write(`${out.join('\n')}\n`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
