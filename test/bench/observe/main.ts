import { parseArgs } from 'node:util'
import { isRejection, parseEventLine } from '../../../src/call/event-line.ts'
import { Redactor } from '../../../src/call/redactor.ts'
import { Analysis } from '../../../src/engine/analysis.ts'
import { Dice } from '../catalog/landscape.ts'
import { median } from '../gateway/statistics.ts'
import { lineOf, start } from './exchanges.ts'
import { type Measured, memoryOf } from './memory.ts'

/**
 * What analysis of a call costs with everything on: `node --expose-gc test/bench/observe/main.ts [--principals N] [--days N]`.
 *
 * CPU of a call from its event line (decoding, redaction, identity, catalog, graph, baselines, all detectors), the median of seven
 * interleaved rounds beside the floor, `JSON.parse` of the line and its bodies. Memory of 20,000, 200,000 and 1,000,000 principals,
 * as far as N (1,000,000) goes, that make a few calls each, each in a process of its own. And a slow thief among 2,000 people over 30
 * days, who takes 40 foreign orders a day: when he is told, and what is held. Bounds:
 * 15,000 calls/s on one core, 2,048 B for a principal, 2 GB for a million; exit 1 where one is missed.
 */
const { values } = parseArgs({
  options: {
    principals: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '7' },
  },
})
const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
const second = 1_000

function observe(analysis: Analysis, line: string, learning = false): void {
  const event = parseEventLine(line, 'bench', 1, redactor)
  if (isRejection(event)) throw new Error(event.reason)
  analysis.observe(event, { learning })
}

const rows: (readonly [what: string, figure: string, bound: string])[] = []
let missed = false
function row(what: string, figure: string, bound = '', held = true): void {
  rows.push([what, figure, bound])
  missed ||= !held
}

/** CPU time of this process, µs. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

function throughput(rounds: number): void {
  const dice = new Dice(11)
  const people = 2_000
  const each = 10_000
  const line = (index: number): string => lineOf(index, dice.below(people), start + index * second, dice)
  const analysis = new Analysis()
  let index = 0
  for (; index < 60_000; index += 1) observe(analysis, line(index), index < 50_000)
  const ours: number[] = []
  const floor: number[] = []
  let bytes = 0
  for (let round = 0; round < rounds; round += 1) {
    const lines = Array.from({ length: each }, (_, at) => line(index + at))
    index += each
    bytes = lines.reduce((sum, one) => sum + one.length, 0) / each
    let before = cpu()
    for (const one of lines) observe(analysis, one)
    ours.push((cpu() - before) / each)
    before = cpu()
    let parsed = 0
    for (const one of lines) {
      const { request, response } = JSON.parse(one) as {
        request: { body?: string }
        response: { body: string }
      }
      if (request.body !== undefined && JSON.parse(request.body) !== null) parsed += 1
      if (JSON.parse(response.body) !== null) parsed += 1
    }
    if (parsed === 0) throw new Error('nothing was parsed')
    floor.push((cpu() - before) / each)
  }
  const micros = median(ours)
  const perSecond = 1e6 / micros
  row(`a call of ${Math.round(bytes)} B, line to finding`, `${micros.toFixed(1)} µs`)
  row('  of JSON.parse of the same', `${(micros / median(floor)).toFixed(1)} ×`)
  row('  calls a second and core', `${Math.round(perSecond)}`, '15000', perSecond >= 15_000)
  if (analysis.signals().length > 0)
    row('  signals of ordinary people', `${analysis.signals().length}`, '0', false)
}

const used = (): number => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Of a million principals everything at once has to do: detection alone is measured of fewer. */
const largest = 1_000_000
const detectionUpTo = 200_000

function memory(principals: number): void {
  const whats: readonly Measured[] = principals > detectionUpTo ? ['analysis'] : ['detection', 'analysis']
  for (const what of whats) {
    const { bytesPerPrincipal, resident, evicted } = memoryOf(
      what,
      principals,
      principals > detectionUpTo ? 2 : 4,
    )
    const bytes = Math.round(bytesPerPrincipal)
    row(`${what}: memory of a principal, of ${principals}`, `${bytes} B`, '2048', bytes <= 2_048)
    const most = principals === largest ? 2_000 : undefined
    const all = Math.round((bytesPerPrincipal * principals) / 1e6)
    row('  all of them', `${all} MB`, most === undefined ? '' : `${most}`, most === undefined || all <= most)
    row('  resident memory of the process', `${Math.round(resident / 1e6)} MB`)
    for (const [table, count] of Object.entries(evicted)) row(`  forgotten for room: ${table}`, `${count}`)
  }
}

function slow(days: number): void {
  const dice = new Dice(3)
  const analysis = new Analysis()
  const people = 2_000
  const thief = 2_001
  let index = 0
  let told: number | undefined
  const day = 86_400_000
  const historyDays = 21
  for (let at = 0; at < historyDays + days; at += 1) {
    const calls = 6_000
    for (let call = 0; call < calls; call += 1, index += 1) {
      const time = start + at * day + Math.floor((call / calls) * day)
      observe(analysis, lineOf(index, dice.below(people), time, dice), at < historyDays)
      if (at < historyDays || call % 150 !== 0) continue
      // Somebody's order, with the thief's own token: the answer names its owner.
      const victim = dice.below(people)
      const line = JSON.parse(lineOf(index, victim, time + 7, dice, dice.below(12))) as {
        id: string
        source: { ip: string }
        request: { headers: [string, string][] }
      }
      const own = JSON.parse(lineOf(index, thief, time + 7, dice, 0)) as typeof line
      observe(
        analysis,
        JSON.stringify({
          ...line,
          id: `t-${index}`,
          source: own.source,
          request: { ...line.request, headers: own.request.headers },
        }),
      )
      if (
        told === undefined &&
        analysis.incidents().some(({ principals }) => principals.includes(`user:u-${thief}` as never))
      )
        told = at - historyDays + call / calls
    }
  }
  row(
    `a thief of 40 orders a day is told after`,
    told === undefined ? 'never' : `${told.toFixed(2)} days`,
    '',
    told !== undefined,
  )
  const others = analysis
    .incidents()
    .filter(({ principals }) => !principals.includes(`user:u-${thief}` as never))
  row(`  other incidents in ${days} days`, `${others.length}`, '0', others.length === 0)
  row('  heap after it', `${Math.round(used() / 1e6)} MB`)
}

throughput(Number(values.rounds))
slow(Number(values.days))
for (const principals of [20_000, 200_000, largest])
  if (principals <= Number(values.principals)) memory(principals)
process.stdout.write(`${'what'.padEnd(52)}${'measured'.padStart(14)}${'bound'.padStart(10)}\n`)
for (const [what, figure, bound] of rows)
  process.stdout.write(`${what.padEnd(52)}${figure.padStart(14)}${bound.padStart(10)}\n`)
if (missed) process.exitCode = 1
