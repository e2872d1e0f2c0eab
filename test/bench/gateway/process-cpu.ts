import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time of a process and everything it started, so far, in microseconds: scheduler time of all their threads. 0 for
 * a process that is gone. Threads that have ended no longer count; none of the candidates ends one during a round.
 */
export function cpuMicros(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + ownCpuMicros(one), 0)
}

/**
 * CPU time in the request path, in microseconds: the process without its children and without the thread `behind`. The runtime's
 * helper threads collect the garbage of all loops; they are shared out by what the loops themselves used.
 */
export function pathMicros(pid: number, behind: string): number {
  const helpers = ownCpuMicros(pid, name => name === 'V8Worker')
  const back = ownCpuMicros(pid, name => name === behind)
  const front = ownCpuMicros(pid) - helpers - back
  return front + (helpers * front) / (front + back)
}

function ownCpuMicros(pid: number, counts: (thread: string) => boolean = () => true): number {
  let nanoseconds = 0
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 0
  }
  for (const thread of threads) {
    try {
      if (!counts(readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim())) continue
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
