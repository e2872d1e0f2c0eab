import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { SallyportEvent } from '../src/call/event.ts'
import { isRejection, parseEventLine } from '../src/call/event-line.ts'
import { Redactor } from '../src/call/redactor.ts'
import { Analysis } from '../src/engine/analysis.ts'

/**
 * Scores the analysis over a labelled recording of VAmPI: `node scripts/score-vampi.ts <folder> [--json] [--no-history]`.
 *
 * The folder holds `benign.jsonl.gz` and `attacks.jsonl.gz` (one recording split by truth), `access.jsonl.gz` and
 * `truth.json`. With `--no-history` nothing is read as history: all of it is live traffic. Otherwise everything before the recording's `learnUntil` is history; the rest is judged. Calls marked as setup are
 * neutral. Exit 0 after scoring, 2 where something is missing.
 */

interface TruthAttack {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly calls: number
}
interface Truth {
  readonly learnUntil: string
  readonly mode?: string
  readonly attacks: readonly TruthAttack[]
  readonly calls: Readonly<
    Record<
      string,
      { readonly attack: string; readonly kind: string; readonly outcome: 'success' | 'attempt' | 'setup' }
    >
  >
}
interface Access {
  readonly call: string
  readonly principal: string
  readonly object: string
  readonly relation: 'own' | 'shared' | 'admin' | 'foreign' | 'missing'
  readonly status: number
}

interface AttackScore {
  readonly attack: string
  readonly kind: string
  readonly found: boolean
  readonly detectors: readonly string[]
  /** Calls of the attack until the first signal whose evidence names one of them; seconds likewise. */
  readonly callsUntil: number | null
  readonly secondsUntil: number | null
  readonly coveredCalls: number
  readonly judgedCalls: number
  /** Of the covered calls, how many a signal of the right kind (attempt or success) names. */
  readonly outcomeRight: number
}

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

function lines(path: string): string[] {
  const text = (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('utf8')
  return text.split('\n').filter(line => line !== '')
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, 'no-history': { type: 'boolean' } },
})
const folder =
  positionals[0] ?? fail('Which recording? node scripts/score-vampi.ts <folder of the recording> [--json]')
if (!existsSync(folder)) fail(`There is no folder ${folder}.`)
for (const name of ['benign.jsonl.gz', 'attacks.jsonl.gz', 'access.jsonl.gz', 'truth.json']) {
  if (!existsSync(join(folder, name))) fail(`${name} is missing in ${folder}.`)
}

const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth
const learnUntil = Date.parse(truth.learnUntil)
const redactor = new Redactor({ key: createHash('sha256').update('score').digest() })
const events: SallyportEvent[] = []
let rejected = 0
for (const name of ['benign.jsonl.gz', 'attacks.jsonl.gz']) {
  for (const [index, line] of lines(join(folder, name)).entries()) {
    const event = parseEventLine(line, name, index + 1, redactor)
    if (isRejection(event)) rejected += 1
    else events.push(event)
  }
}
events.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))

const analysis = new Analysis()
/** Attack → its calls so far, and the alert that named one of them. */
const progress = new Map<string, { calls: number; from: number; alert?: { calls: number; time: number } }>()
const started = process.hrtime.bigint()
for (const event of events) {
  const label = truth.calls[event.id]
  if (label !== undefined && label.outcome !== 'setup' && event.time >= learnUntil) {
    const entry = progress.get(label.attack) ?? { calls: 0, from: event.time }
    entry.calls += 1
    progress.set(label.attack, entry)
  }
  const result = analysis.observe(event, {
    learning: event.time < learnUntil && values['no-history'] !== true,
  })
  for (const signal of result?.signals ?? []) {
    for (const call of signal.evidence) {
      const named = truth.calls[call]
      if (named === undefined || named.outcome === 'setup') continue
      const entry = progress.get(named.attack)
      if (entry !== undefined && entry.alert === undefined)
        entry.alert = { calls: entry.calls, time: event.time }
    }
  }
}
const microseconds = Number(process.hrtime.bigint() - started) / 1_000 / events.length

const signals = analysis.detection.signals()
const covered = new Map<string, { detectors: Set<string>; attempt: boolean; success: boolean }>()
let falseSignals = 0
const falseBy = new Map<string, number>()
const falseExamples: string[] = []
for (const signal of signals) {
  let hostile = false
  for (const call of signal.evidence) {
    const entry = covered.get(call) ?? { detectors: new Set<string>(), attempt: false, success: false }
    entry.detectors.add(signal.detector)
    if (signal.attempt) entry.attempt = true
    else entry.success = true
    covered.set(call, entry)
    if (truth.calls[call] !== undefined) hostile = true
  }
  if (hostile) continue
  falseSignals += 1
  falseBy.set(signal.detector, (falseBy.get(signal.detector) ?? 0) + 1)
  falseExamples.push(`${signal.detector}: ${signal.message} [${signal.evidence.slice(0, 3).join(' ')}]`)
}

const benignJudged = events.filter(
  ({ id, time }) => truth.calls[id] === undefined && time >= learnUntil,
).length
const attacks: AttackScore[] = truth.attacks
  .filter(({ id }) => progress.has(id))
  .map(({ id, kind }) => {
    const own = events.filter(
      event =>
        truth.calls[event.id]?.attack === id &&
        truth.calls[event.id]?.outcome !== 'setup' &&
        event.time >= learnUntil,
    )
    const named = own.filter(event => covered.has(event.id))
    const { alert, from } = progress.get(id) ?? { from: 0 }
    const detectors = new Set<string>()
    let right = 0
    for (const event of named) {
      const entry = covered.get(event.id)
      for (const detector of entry?.detectors ?? []) detectors.add(detector)
      if (truth.calls[event.id]?.outcome === 'success' ? entry?.success : entry?.attempt) right += 1
    }
    return {
      attack: id,
      kind,
      found: named.length > 0,
      detectors: [...detectors].sort(),
      callsUntil: alert?.calls ?? null,
      secondsUntil: alert === undefined ? null : Math.round((alert.time - from) / 1_000),
      coveredCalls: named.length,
      judgedCalls: own.length,
      outcomeRight: right,
    }
  })

/** Unit of the object-level score: (caller, object, operation). */
const accesses = new Map<
  string,
  { relation: string; flagged: boolean; attempt: boolean; success: boolean; principal: string }
>()
const times = new Map(events.map(({ id, time }) => [id, time]))
for (const line of lines(join(folder, 'access.jsonl.gz'))) {
  const access = JSON.parse(line) as Access
  if ((times.get(access.call) ?? 0) < learnUntil) continue
  const key = `${access.principal}\0${access.object}\0${access.relation}\0read`
  const entry = accesses.get(key) ?? {
    relation: access.relation,
    flagged: false,
    attempt: false,
    success: false,
    principal: access.principal,
  }
  const hit = covered.get(access.call)
  if (hit?.detectors.has('owner-binding') === true) {
    entry.flagged = true
    entry.attempt ||= hit.attempt
    entry.success ||= hit.success
  }
  accesses.set(key, entry)
}
const count = (relation: string, flagged: boolean): number =>
  [...accesses.values()].filter(entry => entry.relation === relation && entry.flagged === flagged).length
const hits = count('foreign', true)
const misses = count('foreign', false)
const wrong = {
  own: count('own', true),
  shared: count('shared', true),
  admin: count('admin', true),
  missing: count('missing', true),
}
const falseHits = wrong.own + wrong.shared + wrong.admin
const bola = {
  foreign: hits + misses,
  hits,
  falseHits: wrong,
  precision: hits + falseHits === 0 ? 0 : hits / (hits + falseHits),
  recall: hits + misses === 0 ? 0 : hits / (hits + misses),
  asAttempt: [...accesses.values()].filter(entry => entry.relation === 'foreign' && entry.attempt).length,
  asSuccess: [...accesses.values()].filter(entry => entry.relation === 'foreign' && entry.success).length,
}

const score = {
  mode: truth.mode ?? '',
  calls: events.length,
  rejected,
  microsecondsPerCall: Math.round(microseconds * 10) / 10,
  attacks: { found: attacks.filter(({ found }) => found).length, of: attacks.length, each: attacks },
  bola,
  benign: {
    calls: benignJudged,
    falseSignals,
    per10000: Math.round((falseSignals / benignJudged) * 100_000) / 10,
    byDetector: Object.fromEntries(falseBy),
    examples: falseExamples.slice(0, 40),
  },
  signals: signals.length,
  incidents: analysis.detection.incidents().length,
}

if (values.json === true) process.stdout.write(`${JSON.stringify(score, null, 2)}\n`)
else {
  const out: string[] = []
  const cell = (text: string | number | null, width: number): string => String(text ?? '-').padEnd(width)
  out.push(
    `${cell('attack', 8)}${cell('kind', 38)}${cell('found', 7)}${cell('calls', 8)}${cell('seconds', 9)}${cell('covered', 12)}${cell('outcome', 12)}detectors`,
  )
  for (const a of attacks) {
    out.push(
      `${cell(a.attack, 8)}${cell(a.kind, 38)}${cell(a.found ? 'yes' : 'no', 7)}${cell(a.callsUntil, 8)}${cell(a.secondsUntil, 9)}${cell(`${a.coveredCalls}/${a.judgedCalls}`, 12)}${cell(`${a.outcomeRight}/${a.coveredCalls}`, 12)}${a.detectors.join(' ')}`,
    )
  }
  out.push('')
  out.push(`attacks found        ${score.attacks.found} of ${score.attacks.of}`)
  out.push(
    `object-level access  precision ${bola.precision.toFixed(3)}, recall ${bola.recall.toFixed(3)} (${hits} of ${bola.foreign}); wrongly own ${wrong.own}, shared ${wrong.shared}, admin ${wrong.admin}; as attempt ${bola.asAttempt}, as success ${bola.asSuccess}`,
  )
  out.push(
    `false signals        ${falseSignals} over ${benignJudged} benign calls = ${score.benign.per10000} per 10,000`,
  )
  for (const example of falseExamples.slice(0, 15)) out.push(`                     ${example}`)
  out.push(
    `signals ${score.signals}, incidents ${score.incidents}; ${score.microsecondsPerCall} µs per call for the whole analysis; ${rejected} lines rejected`,
  )
  process.stdout.write(`${out.join('\n')}\n`)
}
