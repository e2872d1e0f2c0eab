import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuMicros } from '../gateway/process-cpu.ts'
import { median, round } from '../gateway/statistics.ts'

/**
 * What a call of Envoy's filters costs here, beside an empty handler of @grpc/grpc-js that decides nothing (`grpc-js-bytes`: that does not
 * even read the message): CPU time of the process, all threads, by completed calls. All candidates are up at once and take turns, round by round; a ratio is the median of the
 * rounds' own ratios.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '1' } },
})
const rounds = Number(values.rounds)
const candidates = ['grpc-js', 'grpc-js-bytes', 'open', 'deciding'] as const
const workloads = ['check', 'check-body', 'process', 'process-3'] as const
type Candidate = (typeof candidates)[number]

const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
const pinned = (cpu: number, file: string, ...args: string[]): ChildProcess => {
  // Young objects have the room that the product gives its threads; all candidates alike.
  const node = [process.execPath, '--max-semi-space-size=64', join(import.meta.dirname, file), ...args]
  const [command, ...rest] = canPin ? ['taskset', '-c', String(cpu), ...node] : node
  return spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
}
async function said(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString().trim()
}

const servers = new Map<Candidate, { readonly child: ChildProcess; readonly port: string }>()
try {
  for (const name of candidates) {
    const child = pinned(0, 'server.ts', name)
    servers.set(name, { child, port: await said(child) })
  }
  const micros = new Map<string, number[]>()
  for (let index = -1; index < rounds; index += 1) {
    for (const workload of workloads) {
      // Every round begins with another candidate.
      for (const [at] of candidates.entries()) {
        const name = candidates[(at + Math.max(0, index)) % candidates.length]!
        const { child, port } = servers.get(name)!
        const before = cpuMicros(child.pid!)
        const load = pinned(1, 'load.ts', port, workload, values.seconds)
        const { done, wrong } = JSON.parse(await said(load)) as { done: number; wrong: number }
        if (done === 0 || wrong > 0)
          throw new Error(`${name}, ${workload}: ${done} calls, ${wrong} of them wrong`)
        // The first round warms up.
        if (index < 0) continue
        const key = `${name} ${workload}`
        micros.set(key, [...(micros.get(key) ?? []), (cpuMicros(child.pid!) - before) / done])
      }
    }
  }
  process.stdout.write('call        candidate     CPU µs    of grpc-js\n')
  for (const workload of workloads)
    for (const name of candidates) {
      const own = micros.get(`${name} ${workload}`) ?? []
      const yardstick = micros.get(`grpc-js ${workload}`) ?? []
      const ratio = median(own.map((value, at) => value / yardstick[at]!))
      process.stdout.write(
        `${workload.padEnd(12)}${name.padEnd(14)}${String(round(median(own))).padEnd(10)}${round(ratio)}\n`,
      )
    }
} finally {
  for (const { child } of servers.values()) child.kill()
}
