import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createGunzip } from 'node:zlib'
import { FieldEvidence } from '../src/catalog/schema/field-evidence.ts'
import { samplesOf } from './data-class-corpus/bodies.ts'
import { scoreBodies } from './data-class-corpus/score-bodies.ts'
import { type SecretLine, type SpanLine, scoreSecrets, scoreSpans } from './data-classes/corpus-score.ts'
import { labelOf, scoreFields } from './data-classes/field-score.ts'
import { type GeneratedField, generateFields, generateProse } from './data-classes/generated-fields.ts'

/**
 * Scores the data classes: `node scripts/score-data-classes.ts <folder> [--seed <number>] [--json]`.
 *
 * (a) fields of a generated corpus with look-alikes, under honest and neutral names; (b) lines with and without secrets;
 * (c) spans in sentences; (d) values given a class in bodies without personal data; (e) fields of nested bodies of a second
 * generator, with other people, places, formats, languages and look-alikes, read through the whole catalog. The folder holds
 * `sensitive/gitleaks.jsonl`, `sensitive/presidio-spans.jsonl` and `traces/onlineboutique.otlp.jsonl.gz`. The seeds that
 * were looked at while operating points were chosen are refused. The files of (b) and (c) were looked at, too: their
 * figures are of development, not of a held-out set. Exit 0 after scoring, 1 where a target is missed, 2 where something is missing.
 */

/** Mistakes on these were looked at, and acted on. */
const tuningSeeds: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 8, 9, 77, 20_260_911])
const targets = { precision: 0.98, recall: 0.95 }
const traceLines = 271

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, seed: { type: 'string', default: '31337' } },
})
const folder = positionals[0] ?? fail('Usage: score-data-classes <folder> [--seed <number>] [--json]')
const seed = Number(flags.seed)
if (!Number.isSafeInteger(seed) || tuningSeeds.has(seed))
  fail('The seed must be a whole number, and none of those on which the operating points were chosen.')
const gitleaks = join(folder, 'sensitive/gitleaks.jsonl')
const presidio = join(folder, 'sensitive/presidio-spans.jsonl')
const traces = join(folder, 'traces/onlineboutique.otlp.jsonl.gz')
for (const file of [gitleaks, presidio, traces]) if (!existsSync(file)) fail(`There is no ${file}.`)

const linesOf = <Line>(file: string): readonly Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line)

/** Values in fields that were given a class, per 1,000 values. */
function falseFindings(fields: readonly GeneratedField[]): {
  readonly values: number
  readonly per1000: number
} {
  const values = fields.reduce((sum, field) => sum + field.values.length, 0)
  const wrong = fields
    .filter(field => labelOf(field) !== undefined)
    .reduce((sum, field) => sum + field.values.length, 0)
  return { values, per1000: (1000 * wrong) / values }
}

interface Attribute {
  readonly key?: unknown
  readonly value?: { readonly stringValue?: unknown }
}

/** Attributes of recorded spans, by key: a shop's telemetry, without people in it. */
async function telemetry(): Promise<{
  readonly values: number
  readonly labelled: Readonly<Record<string, string>>
  readonly per1000: number
}> {
  const evidence = new Map<string, FieldEvidence>()
  let values = 0
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return
    const { key, value } = at as Attribute
    if (typeof key === 'string' && typeof value?.stringValue === 'string') {
      let field = evidence.get(key)
      if (field === undefined) {
        field = new FieldEvidence(key)
        evidence.set(key, field)
      }
      field.add(value.stringValue)
      values += 1
      return
    }
    for (const child of Object.values(at)) walk(child)
  }
  let line = 0
  const stream = createReadStream(traces).pipe(createGunzip())
  for await (const text of createInterface({ input: stream })) {
    walk(JSON.parse(text))
    line += 1
    if (line >= traceLines) break
  }
  stream.destroy()
  const labelled: Record<string, string> = {}
  let wrong = 0
  for (const [key, field] of evidence) {
    const label = field.label()
    // Addresses of machines are what they are called.
    if (label === undefined || label === 'ip-address') continue
    labelled[key] = label
    wrong += field.values
  }
  return { values, labelled, per1000: (1000 * wrong) / Math.max(1, values) }
}

const generated = generateFields(seed, 2_000)
const fields = scoreFields(generated)
const prose = scoreFields(generateProse(seed, 400))
const secrets = scoreSecrets(linesOf<SecretLine>(gitleaks))
const spans = scoreSpans(linesOf<SpanLine>(presidio))
const quiet = falseFindings(generated.filter(({ truth }) => truth === undefined))
const recorded = await telemetry()
const bodies = scoreBodies(samplesOf(`bodies ${seed}`, 800))
const overall = fields.classes.at(-1)!

const percent = (value: number): string => `${(value * 100).toFixed(2)} %`
if (flags.json === true)
  process.stdout.write(
    `${JSON.stringify({ seed, fields, prose, secrets, spans, quiet, recorded, bodies }, undefined, 2)}\n`,
  )
else {
  const out: string[] = [`(a) ${generated.length} generated fields, seed ${seed}`, '']
  for (const {
    dataClass,
    precision,
    recall,
    truePositives,
    falsePositives,
    falseNegatives,
  } of fields.classes)
    out.push(
      `${dataClass.padEnd(24)} P ${percent(precision).padStart(9)}  R ${percent(recall).padStart(9)}  ${truePositives}+ ${falsePositives}! ${falseNegatives}-`,
    )
  const wrong = new Map<string, number>()
  for (const { kind, naming, label } of fields.mistakes) {
    const what = `${kind} (${naming}) taken for ${label}`
    wrong.set(what, (wrong.get(what) ?? 0) + 1)
  }
  for (const [what, count] of wrong) out.push(`  ${count} × ${what}`)
  out.push('', '    names and addresses of people under neutral names, apart')
  for (const { dataClass, precision, recall } of prose.classes)
    out.push(`${dataClass.padEnd(24)} P ${percent(precision).padStart(9)}  R ${percent(recall).padStart(9)}`)
  out.push(
    '',
    `(b) secrets: recall ${percent(secrets.recall)} of ${secrets.positives}, false positive rate ${percent(secrets.falsePositiveRate)} of ${secrets.negatives}`,
    `    missed ${JSON.stringify(secrets.missed)}`,
    `    wrong ${JSON.stringify(secrets.wrong)}`,
    '',
    '(c) spans',
  )
  for (const { dataClass, gold, exact, overlapping } of spans)
    out.push(
      `${dataClass.padEnd(24)} ${String(gold).padStart(4)}  exact P ${percent(exact.precision)} R ${percent(exact.recall)} F1 ${percent(exact.f1)}, overlapping F1 ${percent(overlapping.f1)}`,
    )
  out.push(
    '',
    `(d) false findings per 1,000 values: generated look-alikes ${quiet.per1000.toFixed(2)} of ${quiet.values}, recorded telemetry ${recorded.per1000.toFixed(2)} of ${recorded.values} ${JSON.stringify(recorded.labelled)}`,
  )
  out.push('', '(e) fields of nested bodies of the second generator, with look-alikes')
  for (const { naming, fields, precision, recall, falsePer1000, mistakes } of bodies) {
    out.push(
      `${`${naming} names`.padEnd(24)} ${String(fields).padStart(4)}  P ${percent(precision)} R ${percent(recall)}, ${falsePer1000.toFixed(1)} of 1,000 look-alikes given a class`,
    )
    for (const [what, count] of Object.entries(mistakes)) out.push(`  ${count} × ${what}`)
  }
  process.stdout.write(`${out.join('\n')}\n`)
}
const meets = ({ precision, recall }: { precision: number; recall: number }): boolean =>
  precision >= targets.precision && recall >= targets.recall
process.exitCode = meets(overall) && bodies.every(meets) ? 0 : 1
