import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Candidate, type CandidateName, candidateNames, Fleet } from './candidates.ts'
import { wrk, wrkScript } from './load.ts'
import { requirements } from './nginx.ts'
import { cpuMicros, pathMicros, settled } from './process-cpu.ts'
import { median, round } from './statistics.ts'
import { answer, workloads } from './workload.ts'

/**
 * What a request costs in the gateway, beside nginx and nginx with ModSecurity: CPU time of the proxy's processes, all
 * threads, by completed requests. All candidates are up at once and take turns, round by round; a ratio is the median
 * of the rounds' own ratios, so that what disturbs a round disturbs both sides of it.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const connections = Number(values.connections)

const missing = requirements.filter(([path]) => !existsSync(path))
if (missing.length > 0) {
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
  process.stderr.write(
    `The comparison needs programs that are not here: ${missing.map(([path]) => path).join(', ')}\n  → apt-get install ${packages}\n`,
  )
  process.exit(3)
}

/** ModSecurity is two orders of magnitude slower: more connections would only leave more unfinished at the end. */
const connectionsOf = (name: CandidateName): number => (name === 'modsecurity' ? 4 : connections)

const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
const proxyCpu = canPin ? ['taskset', '-c', '0'] : []
const otherCpu = canPin ? ['taskset', '-c', '1'] : []

interface Sample {
  /** Of the request path. For `on` that leaves out what runs behind the requests, which `allMicros` has. */
  readonly micros: number
  readonly allMicros: number
  readonly rate: number
}

/** Says at once when a candidate does not do what it is measured for. */
async function checkWorks({ name, url }: Candidate): Promise<void> {
  for (const { target, method, headers, body, name: workload } of workloads) {
    const response = await fetch(url + target, { method, headers, body: body ?? null })
    const text = await response.text()
    if (response.status !== 200 || text !== answer) {
      throw new Error(
        `${name} answers the ${workload} workload with ${response.status}: ${text.slice(0, 200)}`,
      )
    }
  }
  if (name !== 'modsecurity') return
  const { headers } = workloads[0]!
  const attack = await fetch(`${url}/orders?id=1%27%20or%201%3D1--%20-`, { headers })
  await attack.arrayBuffer()
  if (attack.status !== 403)
    throw new Error(`ModSecurity lets an injection through (${attack.status}): its rules are not on`)
}

async function measure(candidate: Candidate, script: string, target: string): Promise<Sample> {
  const before = readCpu(candidate)
  const result = await wrk(otherCpu, script, candidate.url + target, connectionsOf(candidate.name), seconds)
  if (candidate.name === 'on') await settled(candidate.pid)
  const after = readCpu(candidate)
  if (result.requests === 0 || result.refused > 0) {
    throw new Error(`${candidate.name}: ${result.requests} requests, ${result.refused} of them refused`)
  }
  return {
    micros: (after.path - before.path) / result.requests,
    allMicros: (after.all - before.all) / result.requests,
    rate: result.requests / result.seconds,
  }
}

/** Calls come one by one at about 500 a second, and nobody waits for a core: what a request then waits longer is what the proxy adds. */
const calmConnections = 16
const calmPauseMs = 32

async function calmP50(url: string, script: string, target: string): Promise<number> {
  return (await wrk(otherCpu, script, url + target, calmConnections, Math.max(2, seconds))).p50
}

function readCpu({ name, pid }: Candidate): { readonly path: number; readonly all: number } {
  const all = cpuMicros(pid)
  return { all, path: name === 'on' ? pathMicros(pid, 'analysis') : all }
}

/** What a compiler must have seen before a candidate is measured; by requests, since seconds mean little on a busy machine. */
const warmRequests = 20_000

async function warmUp(candidate: Candidate): Promise<void> {
  const enough = candidate.name === 'modsecurity' ? 50 : warmRequests
  for (const workload of workloads) {
    const script = wrkScript(folder, workload)
    const url = candidate.url + workload.target
    for (let sent = 0; sent < enough; ) {
      sent += (await wrk(otherCpu, script, url, connectionsOf(candidate.name), 1)).requests
    }
    if (candidate.name === 'on') await settled(candidate.pid)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
const fleet = new Fleet(folder)
const samples = new Map<string, Sample[]>()
/** Milliseconds at a calm rate, by workload and candidate; `direct` is without a proxy. */
const calm = new Map<string, number[]>()
try {
  const upstreamPort = await fleet.upstream(otherCpu, answer)
  const candidates: Candidate[] = []
  for (const name of candidateNames) candidates.push(await fleet.candidate(name, proxyCpu, upstreamPort))
  for (const candidate of candidates) await checkWorks(candidate)
  for (const candidate of candidates) await warmUp(candidate)
  process.stderr.write('warmed up\n')
  for (let turn = 1; turn <= rounds; turn += 1) {
    for (const workload of workloads) {
      const script = wrkScript(folder, workload)
      for (const candidate of candidates) {
        const sample = await measure(candidate, script, workload.target)
        const key = `${workload.name}_${candidate.name}`
        samples.set(key, [...(samples.get(key) ?? []), sample])
      }
      const calmScript = wrkScript(folder, workload, calmPauseMs)
      const direct = { name: 'direct', url: `http://127.0.0.1:${upstreamPort}` } as const
      for (const { name, url } of [direct, ...candidates]) {
        // At this rate it has no core left for bodies: it would be measured queueing.
        if (name === 'modsecurity') continue
        const key = `${workload.name}_${name}`
        calm.set(key, [...(calm.get(key) ?? []), await calmP50(url, calmScript, workload.target)])
      }
    }
    process.stderr.write(`round ${turn} of ${rounds}\n`)
  }
} finally {
  await fleet.end()
  rmSync(folder, { recursive: true, force: true })
}

const pairs: readonly (readonly [CandidateName, CandidateName])[] = [
  ['off', 'nginx'],
  ['on', 'nginx'],
  ['on', 'modsecurity'],
  ['on', 'http-proxy-middleware'],
  ['modsecurity', 'nginx'],
  ['http-proxy-middleware', 'nginx'],
]
const ratios: Record<string, number> = {}
const cpu: Record<string, number> = {}
const requestsPerSecond: Record<string, number> = {}
const calmMs: Record<string, number> = {}
for (const { name: workload } of workloads) {
  const of = (name: CandidateName): readonly Sample[] => samples.get(`${workload}_${name}`) ?? []
  for (const name of candidateNames) {
    cpu[`${workload}_${name}`] = round(median(of(name).map(sample => sample.micros)))
    requestsPerSecond[`${workload}_${name}`] = Math.round(median(of(name).map(sample => sample.rate)))
  }
  for (const [one, other] of pairs) {
    const others = of(other)
    ratios[`${workload}_${one}_vs_${other}`] = round(
      median(of(one).map((sample, turn) => sample.micros / others[turn]!.micros)),
    )
  }
  cpu[`${workload}_on_all`] = round(median(of('on').map(sample => sample.allMicros)))
  for (const other of ['nginx', 'modsecurity'] as const) {
    const others = of(other)
    ratios[`${workload}_on_all_vs_${other}`] = round(
      median(of('on').map((sample, turn) => sample.allMicros / others[turn]!.micros)),
    )
  }
  for (const name of ['direct', 'nginx', 'http-proxy-middleware', 'off', 'on'])
    calmMs[`${workload}_${name}`] = round(median(calm.get(`${workload}_${name}`) ?? []))
  for (const name of ['off', 'on'] as const) {
    const added = (calm.get(`${workload}_${name}`) ?? []).map(
      (p50, turn) => p50 / calm.get(`${workload}_nginx`)![turn]!,
    )
    ratios[`${workload}_${name}_p50_vs_nginx`] = round(median(added))
    const base = of('nginx')
    ratios[`${workload}_${name}_rate_vs_nginx`] = round(
      median(of(name).map((sample, turn) => sample.rate / base[turn]!.rate)),
    )
  }
}

const result = {
  ratios,
  cpuMicros: cpu,
  requestsPerSecond,
  p50MsAt500PerSecond: calmMs,
  rounds,
  secondsPerRound: seconds,
  connections,
  pinned: canPin,
  protection:
    'injection guard and owner guard enforced; on: the process without its analysis thread and store, helper threads by share; on_all: everything, until all is analysed and stored',
  node: process.version,
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)

for (const { name: workload } of workloads) {
  process.stdout.write(
    `\n${workload.toUpperCase().padEnd(22)}${'CPU µs'.padStart(9)}${'× nginx'.padStart(9)}${'req/s'.padStart(9)}${'p50 ms'.padStart(9)}\n`,
  )
  for (const name of candidateNames) {
    const micros = cpu[`${workload}_${name}`]!
    const ratio = name === 'nginx' ? 1 : ratios[`${workload}_${name}_vs_nginx`]!
    const rate = requestsPerSecond[`${workload}_${name}`]!
    const label = name === 'off' || name === 'on' ? `sallyport ${name}` : name
    const p50 = calmMs[`${workload}_${name}`] ?? '-'
    process.stdout.write(
      `${label.padEnd(22)}${String(micros).padStart(9)}${String(ratio).padStart(9)}${String(rate).padStart(9)}${String(p50).padStart(9)}\n`,
    )
  }
  process.stdout.write(
    `p50 at about 500 requests a second; without a proxy ${calmMs[`${workload}_direct`]} ms\n`,
  )
  process.stdout.write(
    `with analysis and calls store: ${cpu[`${workload}_on_all`]} µs\n` +
      `on / modsecurity: ${ratios[`${workload}_on_vs_modsecurity`]}, with all: ${ratios[`${workload}_on_all_vs_modsecurity`]}\n` +
      `on / http-proxy-middleware: ${ratios[`${workload}_on_vs_http-proxy-middleware`]}\n`,
  )
}
