import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { Fleet, type TwiceListening } from './candidates.ts'
import { handshakes } from './handshakes.ts'
import { wrk, wrkScript } from './load.ts'
import { cpuMicros } from './process-cpu.ts'
import { median, round } from './statistics.ts'
import { answer, type Workload, workloads } from './workload.ts'

/**
 * What TLS and HTTP/2 cost in the gateway, beside nginx: CPU time by request over connections that stay (plain HTTP/1.1, HTTP/1.1 over TLS,
 * HTTP/2 over TLS), and by connection that is made for one request (full handshakes and resumed sessions). One loop, protection off, one
 * nginx process; both have the same certificate. They take turns, and a ratio is the median of the rounds' own ratios.
 *
 * `npm run bench:gateway-tls -- [--rounds N] [--seconds N] [--json FILE]`
 */
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const connections = 32
/** Of HTTP/2: as many requests under way, over fewer connections. */
const [sessions, streams] = [4, 8]

const needed = [
  ['/usr/sbin/nginx', 'nginx'],
  ['/usr/bin/wrk', 'wrk'],
  ['/usr/bin/h2load', 'nghttp2-client'],
] as const
const missing = needed.filter(([path]) => !existsSync(path))
if (missing.length > 0) {
  process.stderr.write(
    `The comparison needs programs that are not here: ${missing.map(([path]) => path).join(', ')}\n  → apt-get install ${missing.map(([, name]) => name).join(' ')}\n`,
  )
  process.exit(3)
}

const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
const proxyCpu = canPin ? ['taskset', '-c', '0'] : []
const otherCpu = canPin ? ['taskset', '-c', '1'] : []
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-tls-'))

/** Requests over HTTP/2 that were answered with 200. */
async function h2load(url: string, { name, method, target, headers, body }: Workload): Promise<number> {
  const data = join(folder, `${name}.json`)
  if (body !== undefined) writeFileSync(data, body)
  const fields = Object.entries(headers).flatMap(([field, value]) => [
    '-H',
    `${field === 'Host' ? ':authority' : field.toLowerCase()}: ${value}`,
  ])
  if (body === undefined && method !== 'GET') throw new Error(`h2load sends no ${method} without a body`)
  const command = [
    ...otherCpu,
    'h2load',
    ...['-t1', `-c${sessions}`, `-m${streams}`, `-D${seconds}`],
    ...fields,
    ...(body === undefined ? [] : ['-d', data]),
    url + target,
  ]
  const { stdout } = await run(command[0]!, command.slice(1))
  const counts = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout)
  const protocol = /Application protocol: (\S+)/.exec(stdout)
  if (counts === null || protocol?.[1] !== 'h2') throw new Error(`h2load did not speak HTTP/2:\n${stdout}`)
  if (counts.slice(2).some(count => count !== '0')) throw new Error(`refused over HTTP/2:\n${stdout}`)
  return Number(counts[1])
}

async function h1(url: string, workload: Workload): Promise<number> {
  const { requests, refused } = await wrk(
    otherCpu,
    wrkScript(folder, workload),
    url + workload.target,
    connections,
    seconds,
  )
  if (refused > 0) throw new Error(`${refused} of ${requests} refused at ${url}`)
  return requests
}

type Load = (candidate: TwiceListening) => Promise<number>
const loads: readonly (readonly [name: string, load: Load])[] = [
  ...workloads.flatMap(workload => [
    [`${workload.name}, HTTP/1.1`, ({ plainUrl }: TwiceListening) => h1(plainUrl, workload)] as const,
    [`${workload.name}, HTTP/1.1, TLS`, ({ secureUrl }: TwiceListening) => h1(secureUrl, workload)] as const,
    [
      `${workload.name}, HTTP/2, TLS`,
      ({ secureUrl }: TwiceListening) => h2load(secureUrl, workload),
    ] as const,
  ]),
  ...(['TLSv1.3', 'TLSv1.2'] as const).flatMap(version =>
    [false, true].map(
      resumed =>
        [
          `connection, ${version}, ${resumed ? 'resumed' : 'full'}`,
          ({ securePort }: TwiceListening) => handshakes(securePort, version, resumed, seconds),
        ] as const,
    ),
  ),
]

/** CPU time by request or connection. */
async function measure(candidate: TwiceListening, load: Load): Promise<number> {
  const before = cpuMicros(candidate.pid)
  const done = await load(candidate)
  if (done === 0) throw new Error(`${candidate.name} answered nothing`)
  return (cpuMicros(candidate.pid) - before) / done
}

const fleet = new Fleet(folder)
const samples = new Map<string, { readonly nginx: number[]; readonly off: number[] }>()
try {
  const upstreamPort = await fleet.upstream(otherCpu, answer)
  const candidates = [
    await fleet.twice('nginx', proxyCpu, upstreamPort),
    await fleet.twice('off', proxyCpu, upstreamPort),
  ]
  // What the compiler has to see, by requests: seconds mean little on a busy machine.
  for (const candidate of candidates)
    for (const [name, load] of loads)
      for (let sent = 0; sent < (name.startsWith('connection') ? 1_000 : 20_000); )
        sent += await load(candidate)
  process.stderr.write('warmed up\n')
  for (let turn = 1; turn <= rounds; turn += 1) {
    for (const [name, load] of loads) {
      const sample = samples.get(name) ?? { nginx: [], off: [] }
      samples.set(name, sample)
      for (const candidate of candidates) sample[candidate.name].push(await measure(candidate, load))
    }
    process.stderr.write(`round ${turn} of ${rounds}\n`)
  }
} finally {
  await fleet.end()
  rmSync(folder, { recursive: true, force: true })
}

const result = [...samples].map(([name, { nginx, off }]) => ({
  name,
  nginxMicros: round(median(nginx)),
  sallyportMicros: round(median(off)),
  ratio: round(median(off.map((micros, turn) => micros / nginx[turn]!))),
}))
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ result, rounds, secondsPerRound: seconds, connections, sessions, streams, node: process.version }, null, 2)}\n`,
  )
process.stdout.write(
  `${'CPU µs of'.padEnd(30)}${'nginx'.padStart(9)}${'sallyport'.padStart(11)}${'× nginx'.padStart(9)}${'a CPU second'.padStart(14)}\n`,
)
for (const { name, nginxMicros, sallyportMicros, ratio } of result)
  process.stdout.write(
    `${name.padEnd(30)}${String(nginxMicros).padStart(9)}${String(sallyportMicros).padStart(11)}${String(ratio).padStart(9)}${String(Math.round(1e6 / sallyportMicros)).padStart(14)}\n`,
  )
