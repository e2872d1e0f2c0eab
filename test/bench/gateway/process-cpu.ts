import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time of a process and everything it started, so far, in microseconds: scheduler time of all their threads. 0 for
 * a process that is gone. Threads that have ended no longer count; none of the candidates ends one during a round.
 */
export function cpuMicros(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + ownCpuMicros(one), 0)
}

/**
 * CPU time of the process without its children and without the threads of that name, in microseconds: what stands in the
 * request path, with the runtime's helpers.
 */
export function cpuMicrosWithout(pid: number, thread: string): number {
  return ownCpuMicros(pid, thread)
}

function ownCpuMicros(pid: number, without?: string): number {
  let nanoseconds = 0
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 0
  }
  for (const thread of threads) {
    try {
      if (
        without !== undefined &&
        readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim() === without
      )
        continue
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  return nanoseconds / 1_000
}

function descendantsOf(pid: number): number[] {
  const children: number[] = []
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const listed = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim()
      if (listed !== '') children.push(...listed.split(' ').map(Number))
    }
  } catch {
    // It ended meanwhile.
  }
  return children.flatMap(child => [child, ...descendantsOf(child)])
}

/** Resolves when the process has next to nothing left to do: what it learns behind the requests belongs to their cost. */
export async function settled(pid: number): Promise<void> {
  const quietMicros = 5_000
  const pauseMs = 200
  // A batch of calls is written each second: one more may be on its way.
  for (let quiet = 0, rounds = 0; quiet < 6 && rounds < 300; rounds += 1) {
    const before = cpuMicros(pid)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
    quiet = cpuMicros(pid) - before < quietMicros ? quiet + 1 : 0
  }
}
