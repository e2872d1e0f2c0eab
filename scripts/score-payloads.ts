import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { ApiCall } from '../src/call/api-call.ts'
import { defaultDecodeLimits } from '../src/call/content-limits.ts'
import { isRejection, parseEventLine } from '../src/call/event-line.ts'
import { MessageInspector } from '../src/call/payload/message-inspector.ts'
import { Redactor } from '../src/call/redactor.ts'
import { Analysis } from '../src/engine/analysis.ts'
import { readEvents } from '../src/sensors/files/index.ts'

/**
 * Scores the detection of payloads over labelled calls: `node scripts/score-payloads.ts <folder> [<folder of background>] [--json]
 * [--misses N]`.
 *
 * The first folder holds `*.jsonl` or `*.jsonl.gz` of `{ id, set, family, label: "attack" | "benign", paranoia?, placeholder?, call }`; the
 * second access logs, all of whose lines count as benign unless the name says a scanner wrote them. What is scored is what the product says:
 * the signals of the detector `injection-payload` that name the call, each set in an analysis of its own, never averaged over sets.
 *
 * Twice: `untrained` (nothing is history) and `learned`, where half of the benign calls are history and the other half, with all
 * attacks, is judged. Which half: the parity of the first byte of the SHA-256 of the call's id, so that it depends neither on order nor on
 * content. Sets without benign calls have no second figure. Of an access log the first 60 % is history.
 * Exit 0 after scoring, 2 where something is missing.
 */

interface Row {
  readonly id: string
  readonly set: string
  readonly family: string
  readonly attack: boolean
  readonly groups: readonly string[]
  readonly text: string
  readonly call: ApiCall
}
interface Tally {
  found: number
  of: number
}
interface Judged {
  readonly row: Row
  /** 0 where there was no signal. */
  readonly confidence: number
  /** The same of every detector together. */
  readonly any: number
}
interface SetScore {
  readonly set: string
  readonly training: 'untrained' | 'learned'
  readonly history: number
  readonly recall: Readonly<Record<string, Tally>>
  readonly falsePositives: Tally
  readonly anyDetector: { readonly recall: Tally; readonly falsePositives: Tally }
  readonly misses: readonly string[]
  readonly falseAlarms: readonly string[]
}

/** ModSecurity 3.0.9 with CRS 4.28 at paranoia level 1 and threshold 5, measured over the same calls: shown beside ours, in percent. */
const coreRuleSet: Readonly<Record<string, number>> = {
  'httpparams-train/sqli': 99.88,
  'httpparams-train/xss': 98.03,
  'httpparams-train/path-traversal': 62.18,
  'httpparams-train/cmdi': 49.15,
  'modseclearn-sqlmap/all': 89.53,
  'gotestwaf-community/all': 91.82,
  'gotestwaf-owasp/all': 34.53,
  'gotestwaf-owasp-api/all': 40,
  'crs-4.28/level 1': 99.29,
  'crs-4.28/level 2': 36.62,
  'crs-4.28/level 3': 8.18,
  'crs-4.28/level 4': 77.14,
  'fur-api-test/all': 39.2,
  'httpparams-train/false': 0,
  'fur-api-test/false': 15.8,
}

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, misses: { type: 'string' }, set: { type: 'string' } },
})
const folder =
  positionals[0] ?? fail('Which calls? node scripts/score-payloads.ts <folder> [<folder of background>]')
for (const name of positionals) if (!existsSync(name)) fail(`There is no folder ${name}.`)
const shown = Number(values.misses ?? 0)

const redactor = new Redactor({ key: createHash('sha256').update('score').digest() })

function rowsOf(path: string): Row[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const rows: Row[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue
    const record = JSON.parse(line) as {
      readonly id: string
      readonly set: string
      readonly family?: string
      readonly label: string
      readonly paranoia?: number | null
      readonly placeholder?: string
      readonly payload?: string
      readonly rule?: number
      readonly call: { readonly request: { readonly target: string; readonly body?: string } }
    }
    const event = parseEventLine(JSON.stringify(record.call), basename(path), index + 1, redactor)
    if (isRejection(event) || event.type !== 'call') continue
    const groups = ['all', record.family ?? 'any']
    if (record.paranoia !== undefined) groups.push(`level ${record.paranoia ?? 'unstated'}`)
    if (record.placeholder !== undefined) groups.push(`in ${record.placeholder}`)
    const { target, body } = record.call.request
    rows.push({
      id: event.id,
      set: record.set,
      family: record.family ?? 'any',
      attack: record.label === 'attack',
      groups,
      text: `${record.rule ?? ''} ${record.payload ?? `${target} ${body ?? ''}`}`,
      call: event,
    })
  }
  return rows
}

const inHistory = (id: string): boolean => (createHash('sha256').update(id).digest()[0]! & 1) === 0

function judge(rows: readonly Row[], history: ReadonlySet<Row>): Judged[] {
  const analysis = new Analysis()
  for (const row of history) analysis.observe(row.call, { learning: true })
  const judged: Judged[] = []
  for (const row of rows) {
    if (history.has(row)) continue
    let confidence = 0
    let any = 0
    for (const signal of analysis.observe(row.call).signals) {
      if (!signal.evidence.includes(row.call.id)) continue
      any = Math.max(any, signal.confidence)
      if (signal.detector === 'injection-payload') confidence = Math.max(confidence, signal.confidence)
    }
    judged.push({ row, confidence, any })
  }
  return judged
}

function scoreOf(
  set: string,
  training: SetScore['training'],
  history: number,
  judged: readonly Judged[],
): SetScore {
  const recall: Record<string, Tally> = {}
  const falsePositives: Tally = { found: 0, of: 0 }
  const anyDetector = { recall: { found: 0, of: 0 }, falsePositives: { found: 0, of: 0 } }
  const misses: string[] = []
  const falseAlarms: string[] = []
  const count = (tally: Tally, hit: boolean): void => {
    tally.of += 1
    if (hit) tally.found += 1
  }
  for (const { row, confidence, any } of judged) {
    const hit = confidence > 0
    if (row.attack) {
      for (const group of row.groups) {
        recall[group] ??= { found: 0, of: 0 }
        count(recall[group], hit)
      }
      count(anyDetector.recall, any > 0)
      if (!hit) misses.push(`${row.id} ${row.family} ${row.text}`)
    } else {
      count(falsePositives, hit)
      count(anyDetector.falsePositives, any > 0)
      if (hit) falseAlarms.push(`${row.id} ${row.text}`)
    }
  }
  return { set, training, history, recall, falsePositives, anyDetector, misses, falseAlarms }
}

/** The log at a path of its own; published logs of scanners have each line in a further pair of double quotes, here without. */
function plainLog(path: string, under: string): string {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const plain = join(under, 'access.log')
  writeFileSync(plain, text.replace(/^"(.*)"\r?$/gm, '$1'))
  return plain
}

async function background(path: string): Promise<SetScore[]> {
  const name = basename(path).replace(/\..*$/, '')
  const attack = /acunetix|netsparker|scanner|attack/.test(name)
  const rows: Row[] = []
  const under = mkdtempSync(join(tmpdir(), 'score-'))
  const log = plainLog(path, under)
  for await (const event of readEvents([log], { redactor, onRejection: () => {} })) {
    if (event.type !== 'call') continue
    const { target } = event.request
    rows.push({ id: event.id, set: name, family: 'line', attack, groups: ['all'], text: target, call: event })
  }
  rmSync(under, { recursive: true })
  const history = attack ? [] : rows.slice(0, Math.floor(rows.length * 0.6))
  const scores = [scoreOf(name, 'untrained', 0, judge(rows, new Set()))]
  if (!attack) scores.push(scoreOf(name, 'learned', history.length, judge(rows, new Set(history))))
  return scores
}

/** Microseconds of this thread's own time per message and per value, over decoded messages as the gateway hands them in; warm. */
function timeOf(rows: readonly Row[]): { readonly perMessage: number; readonly perValue: number } {
  let spent = 0
  const rounds = 2
  for (let round = 0; round <= rounds; round += 1) {
    const inspector = new MessageInspector(defaultDecodeLimits)
    const began = process.threadCpuUsage().user
    for (const { call } of rows) inspector.inspect(call.request)
    if (round > 0) spent += process.threadCpuUsage().user - began
  }
  let values = 0
  for (const { call } of rows) values += call.request.query.length + Math.max(1, leaves(call.request.content))
  return { perMessage: spent / rounds / rows.length, perValue: spent / rounds / values }
}

function leaves(value: unknown): number {
  if (typeof value === 'string') return 1
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, child) => sum + leaves(child), 0)
}

const scores: SetScore[] = []
const times: Record<string, { perMessage: number; perValue: number }> = {}
const files = readdirSync(folder).filter(name => /\.jsonl(?:\.gz)?$/.test(name))
if (files.length === 0) fail(`There are no .jsonl or .jsonl.gz files in ${folder}.`)
for (const name of files.sort()) {
  const all = rowsOf(join(folder, name))
  for (const set of [...new Set(all.map(row => row.set))].sort()) {
    if (values.set !== undefined && !set.includes(values.set)) continue
    const rows = all.filter(row => row.set === set)
    scores.push(scoreOf(set, 'untrained', 0, judge(rows, new Set())))
    const history = rows.filter(row => !row.attack && inHistory(row.id))
    if (history.length > 0)
      scores.push(scoreOf(set, 'learned', history.length, judge(rows, new Set(history))))
    times[set] = timeOf(rows)
  }
}
if (positionals[1] !== undefined)
  for (const name of readdirSync(positionals[1]).sort()) {
    if (values.set === undefined || name.includes(values.set))
      scores.push(...(await background(join(positionals[1], name))))
  }

const percent = ({ found, of }: Tally): string => (of === 0 ? '-' : `${((100 * found) / of).toFixed(2)} %`)
const cell = (text: string, width: number): string => text.padEnd(width)
const line = (group: string, tally: Tally, rival: number | undefined): string =>
  `  ${cell(group, 24)}${cell(percent(tally), 12)}${cell(`${tally.found}/${tally.of}`, 16)}${rival === undefined ? '' : `CRS ${rival} %`}`

if (values.json === true) {
  const told = scores.map(({ misses: _, falseAlarms: __, ...score }) => score)
  process.stdout.write(`${JSON.stringify({ scores: told, times }, null, 2)}\n`)
} else {
  const out: string[] = []
  for (const score of scores) {
    out.push(
      `${score.set}, ${score.training}${score.history === 0 ? '' : ` (${score.history} calls of history)`}`,
    )
    for (const [group, tally] of Object.entries(score.recall).sort(([a], [b]) => (a < b ? -1 : 1)))
      out.push(line(group, tally, coreRuleSet[`${score.set}/${group}`]))
    if (score.falsePositives.of > 0) {
      out.push(line('false positives', score.falsePositives, coreRuleSet[`${score.set}/false`]))
      const { recall, falsePositives } = score.anyDetector
      out.push(line('any detector', recall, undefined))
      out.push(line('any detector, false', falsePositives, undefined))
    }
    for (const miss of score.misses.slice(0, shown))
      out.push(`    missed ${JSON.stringify(miss.slice(0, 240))}`)
    for (const alarm of score.falseAlarms.slice(0, shown))
      out.push(`    false  ${JSON.stringify(alarm.slice(0, 240))}`)
  }
  for (const [set, { perMessage, perValue }] of Object.entries(times))
    out.push(`time ${cell(set, 24)}${perMessage.toFixed(1)} µs a message, ${perValue.toFixed(1)} µs a value`)
  process.stdout.write(`${out.join('\n')}\n`)
}
