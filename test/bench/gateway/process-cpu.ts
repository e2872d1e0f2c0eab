import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time of a process so far in microseconds: scheduler time of all its threads. 0 for a process that is gone.
 * Threads that have ended no longer count; none of the candidates ends one during a round.
 */
export function cpuMicros(pid: number): number {
  let nanoseconds = 0
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 0
  }
  for (const thread of threads) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  return nanoseconds / 1_000
}
