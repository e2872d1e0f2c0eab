import { existsSync } from 'node:fs'
import type { Finding } from '../src/catalog/finding.ts'
import { fnv1a } from '../src/kit/hash.ts'
import { type Baseline, baselineOf, type Target } from './drift/baseline.ts'
import { readCorpus } from './drift/corpus.ts'
import { compare } from './drift/run.ts'
import { type Seed, type Seeded, seeds } from './drift/seeds.ts'

/**
 * Scores drift findings: `node scripts/score-drift.ts <folder> [--show]`.
 *
 * The folder holds `traffic.jsonl.gz` (`{call, operation, document, n}`) and `documents/<document>.json.gz`. Traffic is
 * first brought in line with its document by a reader of its own (`drift/raw-schema.ts`); the same traffic as recorded is
 * counted apart. Then each kind of drift is sown alone into one operation of every document that has a place for it; a
 * document without one is given it first (`planted`), and must give no finding with that alone. Every finding that is not
 * exactly the one sown is a false one. Exit 0 where every target is met, 1 where not, 2 where
 * something is missing.
 */
const target = 0.97
const [folder = '', ...flags] = process.argv.slice(2)
const samples = existsSync(folder) ? readCorpus(folder) : undefined
if (samples === undefined || samples.length === 0) {
  console.error(`Nothing to score in "${folder}": traffic.jsonl.gz and documents/ are needed.`)
  process.exit(2)
}

interface Score {
  sown: number
  /** Of these, in documents that were given the place for it first. */
  planted: number
  found: number
  others: number
}

const line = (finding: Finding): string => `${finding.rule} ${finding.endpoint} ${finding.title}`
const show = (text: string): void => {
  if (flags.includes('--show')) console.log(`  ${text}`)
}

const scores = new Map<string, Score>()
let asRecorded = 0
let inLine = 0
const documentsWithFindings = new Set<string>()
for (const sample of samples) {
  asRecorded += compare([sample.tree], sample.calls).findings.length
  const baseline = baselineOf(sample)
  const { findings } = compare([baseline.tree], baseline.calls)
  inLine += findings.length
  for (const finding of findings) {
    documentsWithFindings.add(sample.document)
    show(`unmutated ${line(finding)}: ${finding.why}`)
  }
  const known = new Set(findings.map(({ id }) => id))
  for (const seed of seeds) sow(seed, baseline, known)
}

function sow(seed: Seed, baseline: Baseline, known: ReadonlySet<string>): void {
  const { targets } = baseline
  const score = scores.get(seed.kind) ?? { sown: 0, planted: 0, found: 0, others: 0 }
  scores.set(seed.kind, score)
  const first = fnv1a(`${seed.kind} ${baseline.document}`)
  for (const make of [seed.sow, seed.plant]) {
    if (make === undefined) continue
    for (let step = 0; step < targets.length; step += 1) {
      const chosen = targets[(first + step) % targets.length]!
      const seeded = make(chosen, baseline)
      if (seeded === undefined) continue
      if (make === seed.plant) score.planted += 1
      judge(seed, baseline, chosen, seeded, known, score)
      return
    }
  }
}

function judge(
  seed: Seed,
  baseline: Baseline,
  chosen: Target,
  seeded: Seeded,
  known: ReadonlySet<string>,
  score: Score,
): void {
  const own = new Set(chosen.calls)
  const ids = new Set<string>(chosen.calls.map(({ id }) => id))
  const { prepare } = seeded
  const prepared = prepare === undefined ? baseline.tree : structuredClone(baseline.tree)
  prepare?.tree(prepared)
  const before = baseline.calls.map(one =>
    own.has(one.call) && prepare !== undefined ? { ...one, call: prepare.call(one.call) } : one,
  )
  const counted = (findings: readonly Finding[], wanted: (finding: Finding) => boolean): void => {
    for (const finding of findings) {
      if (wanted(finding) || known.has(finding.id)) continue
      score.others += 1
      show(`false at ${seed.kind} in ${baseline.document} ${chosen.label}: ${line(finding)}`)
    }
  }
  if (prepare !== undefined) counted(compare([prepared], before).findings, () => false)
  const tree = structuredClone(prepared)
  seeded.tree?.(tree)
  const calls = before.map(one =>
    ids.has(one.call.id) && seeded.call !== undefined ? { ...one, call: seeded.call(one.call) } : one,
  )
  const { findings } = compare(seeded.beside === undefined ? [tree] : [seeded.beside, tree], calls)
  const wanted = (finding: Finding): boolean =>
    finding.rule === seed.rule &&
    finding.title.endsWith(seeded.subject === '' ? '' : `: ${seeded.subject}`) &&
    finding.evidence.length > 0 &&
    finding.evidence.every(id => ids.has(id))
  score.sown += 1
  if (findings.some(wanted)) score.found += 1
  else show(`missed ${seed.kind} in ${baseline.document}: ${chosen.label} ${seeded.subject}`)
  counted(findings, wanted)
}

console.log(
  `${samples.length} documents. Findings on unmutated ones: ${inLine} in ${documentsWithFindings.size} documents (on the traffic as recorded, which leaves out required fields and misses types: ${asRecorded}).`,
)
console.log(
  `${'kind'.padEnd(26)}${'sown'.padStart(6)}${'planted'.padStart(9)}${'recall'.padStart(9)}${'precision'.padStart(11)}`,
)
let met = inLine === 0
for (const [kind, { sown, planted, found, others }] of scores) {
  const recall = sown === 0 ? 0 : found / sown
  const precision = found + others === 0 ? 0 : found / (found + others)
  if (recall < target || precision < target) met = false
  console.log(
    `${kind.padEnd(26)}${String(sown).padStart(6)}${String(planted).padStart(9)}${recall.toFixed(3).padStart(9)}${precision.toFixed(3).padStart(11)}`,
  )
}
process.exit(met ? 0 : 1)
