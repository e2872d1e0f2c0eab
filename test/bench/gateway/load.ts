import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workload } from './workload.ts'

const run = promisify(execFile)

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers that were not 2xx or 3xx. */
  readonly refused: number
}

/** Writes the wrk script of a workload into `folder`; gives its path. */
export function wrkScript(folder: string, workload: Workload): string {
  const lines = [`wrk.method = ${JSON.stringify(workload.method)}`]
  for (const [name, value] of Object.entries(workload.headers)) {
    lines.push(`wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  }
  if (workload.body !== undefined) lines.push(`wrk.body = [==[${workload.body}]==]`)
  const path = join(folder, `${workload.name}.lua`)
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
  const command = [...pin, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url]
  const { stdout } = await run(command[0]!, command.slice(1))
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(stdout)
  if (total === null) throw new Error(`wrk said nothing of requests:\n${stdout}`)
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)
  const unit = total[3] === 'ms' ? 0.001 : total[3] === 'm' ? 60 : 1
  return { requests: Number(total[1]), seconds: Number(total[2]) * unit, refused: Number(refused?.[1] ?? 0) }
}
