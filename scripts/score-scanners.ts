import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ApiCall } from '../src/call/api-call.ts'
import { Redactor } from '../src/call/redactor.ts'
import { Analysis } from '../src/engine/analysis.ts'
import { callId } from '../src/kit/id.ts'
import { readEvents } from '../src/sensors/files/index.ts'

/**
 * Scores the finding of scanners: `node scripts/score-scanners.ts <folder> [--json] [--detector scanner]`.
 *
 * The folder holds access logs: `apache_logs.gz`, the background, of which the first 60 % is history and the rest is judged, and the logs
 * of scanners, one client each. Each scan is moved into the judged part as one new client of the same site, at half, once and five times
 * its own speed. Told are the requests until the first alert and the seconds, and how many clients of the background are
 * told of without any scan, over all and by the detector `scanner` alone. Exit 0 after scoring, 2 where something is missing.
 */

const background = 'apache_logs.gz'
const scans = ['acunetix.txt.gz', 'netsparker.txt.gz'] as const
const speeds = [0.5, 1, 5] as const
const newcomer = '203.0.113.66'

interface ScanScore {
  readonly scan: string
  readonly speed: number
  readonly requests: number
  readonly found: boolean
  /** Requests of the scan until the first signal that names one of them, and seconds since its first; null where there is none. */
  readonly requestsUntil: number | null
  readonly secondsUntil: number | null
  readonly detectors: readonly string[]
  /** The same for the detector that is scored alone. */
  readonly aloneUntil: number | null
}

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, detector: { type: 'string', default: 'scanner' } },
})
const folder = positionals[0] ?? fail('Which logs? node scripts/score-scanners.ts <folder> [--json]')
if (!existsSync(folder)) fail(`There is no folder ${folder}.`)
for (const name of [background, ...scans])
  if (!existsSync(join(folder, name))) fail(`${name} is missing in ${folder}.`)

async function callsOf(name: string): Promise<readonly ApiCall[]> {
  const redactor = new Redactor({ key: createHash('sha256').update('score').digest() })
  const calls: ApiCall[] = []
  for await (const event of readEvents([join(folder, name)], { redactor, onRejection: () => {} }))
    if (event.type === 'call') calls.push(event)
  return calls.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
}

/** The scan as one new client of the site that begins with the judged part, its own pauses made shorter by the speed. */
function moved(
  scan: readonly ApiCall[],
  site: readonly ApiCall[],
  from: number,
  speed: number,
): readonly ApiCall[] {
  const host = site[0]?.destination.host ?? ''
  const began = scan[0]?.time ?? 0
  return scan.map((call, index) => ({
    ...call,
    id: callId(`scan-${String(index).padStart(6, '0')}`),
    time: Math.round(from + (call.time - began) / speed),
    source: { ...call.source, ip: newcomer },
    destination: { ...call.destination, host },
  }))
}

interface Run {
  readonly signals: readonly {
    readonly detector: string
    readonly principal: string
    readonly evidence: readonly string[]
  }[]
  /** Call → index at which a signal first named one of the scan, by detector. */
  readonly first: ReadonlyMap<string, { readonly requests: number; readonly time: number }>
}

function run(site: readonly ApiCall[], scan: readonly ApiCall[]): Run {
  const learned = Math.floor(0.6 * site.length)
  const analysis = new Analysis()
  for (const call of site.slice(0, learned)) analysis.observe(call, { learning: true })
  const rest = [...site.slice(learned), ...scan].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
  const first = new Map<string, { requests: number; time: number }>()
  let requests = 0
  for (const call of rest) {
    if (call.source.ip === newcomer) requests += 1
    for (const { detector, evidence } of analysis.observe(call).signals)
      if (!first.has(detector) && evidence.some(id => id.startsWith('scan-')))
        first.set(detector, { requests, time: call.time })
  }
  return { signals: analysis.signals(), first }
}

const site = await callsOf(background)
const learned = Math.floor(0.6 * site.length)
const from = site[learned]?.time ?? 0
const judged = site.slice(learned)
const clients = new Set(judged.map(call => call.source.ip)).size
const quiet = run(site, [])
const alone = quiet.signals.filter(({ detector }) => detector === values.detector)
const byDetector: Record<string, number> = {}
for (const { detector } of quiet.signals) byDetector[detector] = (byDetector[detector] ?? 0) + 1

const rows: ScanScore[] = []
for (const name of scans) {
  const scan = await callsOf(name)
  for (const speed of speeds) {
    const calls = moved(scan, site, from, speed)
    const { first } = run(site, calls)
    const began = calls[0]?.time ?? 0
    let best: { requests: number; time: number } | undefined
    for (const one of first.values()) if (best === undefined || one.requests < best.requests) best = one
    rows.push({
      scan: name.replace('.txt.gz', ''),
      speed,
      requests: calls.length,
      found: best !== undefined,
      requestsUntil: best?.requests ?? null,
      secondsUntil: best === undefined ? null : Math.round((best.time - began) / 1_000),
      detectors: [...first.keys()].sort(),
      aloneUntil: first.get(values.detector)?.requests ?? null,
    })
  }
}

const per = (count: number): number => Math.round((10_000 * count) / Math.max(1, clients)) / 10
if (values.json === true)
  process.stdout.write(
    `${JSON.stringify({ background: { calls: judged.length, clients, falseSignals: quiet.signals.length, byDetector, alone: alone.length, alonePer1000Clients: per(alone.length) }, scans: rows }, null, 2)}\n`,
  )
else {
  process.stdout.write('scan        speed  requests  found  until  seconds  alone  detectors\n')
  for (const row of rows)
    process.stdout.write(
      `${row.scan.padEnd(12)}${String(row.speed).padEnd(7)}${String(row.requests).padEnd(10)}${(row.found ? 'yes' : 'no').padEnd(7)}${String(row.requestsUntil ?? '-').padEnd(7)}${String(row.secondsUntil ?? '-').padEnd(9)}${String(row.aloneUntil ?? '-').padEnd(7)}${row.detectors.join(' ')}\n`,
    )
  process.stdout.write(
    `\nbackground: ${judged.length} calls of ${clients} clients judged; ${alone.length} signals of ${values.detector} (${per(alone.length)} per 1,000 clients), ${quiet.signals.length} of all detectors ${JSON.stringify(byDetector)}\n`,
  )
}
