import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workload } from './workload.ts'

const run = promisify(execFile)
const secondsPer: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60 }

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers that were not 2xx or 3xx. */
  readonly refused: number
  /** Milliseconds. */
  readonly p50: number
}

/**
 * Writes the wrk script of a workload into `folder`; gives its path. With `pauseMs` every connection waits that long on average between
 * two requests.
 */
export function wrkScript(folder: string, workload: Workload, pauseMs = 0): string {
  const lines = [`wrk.method = ${JSON.stringify(workload.method)}`]
  for (const [name, value] of Object.entries(workload.headers)) {
    lines.push(`wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  }
  if (workload.body !== undefined) lines.push(`wrk.body = [==[${workload.body}]==]`)
  if (pauseMs > 0) lines.push(`function delay() return math.random(0, ${2 * pauseMs}) end`)
  const path = join(folder, `${workload.name}${pauseMs === 0 ? '' : `-${pauseMs}`}.lua`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** One run of wrk: one thread, `connections` connections, as fast as answers come. */
export async function wrk(
  pin: readonly string[],
  script: string,
  url: string,
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  const command = [...pin, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
  const { stdout } = await run(command[0]!, command.slice(1))
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(stdout)
  if (total === null) throw new Error(`wrk said nothing of requests:\n${stdout}`)
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)
  const p50 = /50%\s+([\d.]+)(us|ms|s|m)/.exec(stdout)
  return {
    requests: Number(total[1]),
    seconds: Number(total[2]) * (secondsPer[total[3]!] ?? 1),
    refused: Number(refused?.[1] ?? 0),
    p50: p50 === null ? Number.NaN : Number(p50[1]) * (secondsPer[p50[2]!] ?? 1) * 1_000,
  }
}
