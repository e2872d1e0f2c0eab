import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { outcomeOf } from '../../../src/baseline/outcome.ts'
import type { SallyportEvent } from '../../../src/call/event.ts'
import { isRejection, parseEventLine } from '../../../src/call/event-line.ts'
import { Redactor } from '../../../src/call/redactor.ts'
import { Catalog } from '../../../src/catalog/catalog.ts'
import { Detection } from '../../../src/detect/detection.ts'
import { Analysis } from '../../../src/engine/analysis.ts'
import { evidenceOf, identify } from '../../../src/identity/identify.ts'
import { SessionDirectory } from '../../../src/identity/session-directory.ts'
import { Dice } from '../catalog/landscape.ts'
import { lineOf, start } from './exchanges.ts'

/** `detection`: with what names callers and places only; `analysis`: everything. */
export type Measured = 'detection' | 'analysis'

export interface MemoryOf {
  /** Bytes of heap and buffers that each principal added, after garbage was collected. */
  readonly bytesPerPrincipal: number
  /** Resident memory of the process at its end, bytes. */
  readonly resident: number
  /** What was forgotten for room, by the table; only those at their bounds. */
  readonly evicted: Readonly<Record<string, number>>
}

/**
 * Memory of so many principals that make `calls` calls each, one after the other, in a process of its own that has run nothing before:
 * what earlier measurements leave behind would be counted otherwise. 20,000 calls of 500 others come first, and are not counted.
 */
export function memoryOf(what: Measured, principals: number, calls: number): MemoryOf {
  const child = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '--max-old-space-size=12000',
      fileURLToPath(import.meta.url),
      ...['--what', what, '--principals', `${principals}`, '--calls', `${calls}`],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (child.status !== 0) throw new Error(`measuring memory ended with ${child.status ?? child.signal}`)
  return JSON.parse(child.stdout) as MemoryOf
}

interface Subject {
  observe(event: SallyportEvent, learning: boolean): void
  evicted(): Readonly<Record<string, number>>
}

function everything(): Subject {
  const analysis = new Analysis()
  return {
    observe: (event, learning) => void analysis.observe(event, { learning }),
    evicted: () => ({
      ...evictedOf(analysis.detection),
      usage: analysis.usage.evicted,
      days: analysis.days.evicted,
      sessions: analysis.sessions.evicted,
      'graph nodes': analysis.graph.graph.evictedNodes,
      'graph edges': analysis.graph.graph.evictedEdges,
    }),
  }
}

function detectionAlone(): Subject {
  const sessions = new SessionDirectory()
  const catalog = new Catalog()
  const detection = new Detection()
  catalog.onMerge((from, to) => detection.merged(from, to))
  return {
    observe: (call, learning) => {
      if (call.type !== 'call') return
      const identity = identify(evidenceOf(call), sessions)
      sessions.observe(call, identity)
      const match = catalog.observe(call, identity)
      detection.observe({ call, identity, match, outcome: outcomeOf(call), learning })
    },
    evicted: () => evictedOf(detection),
  }
}

const evictedOf = (detection: Detection): Readonly<Record<string, number>> => ({
  ...detection.stats.evicted,
  principals: detection.baseline.evicted,
})

const used = (): number => {
  // Twice: what the first one finalises the second one frees.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function measure(what: Measured, principals: number, calls: number): MemoryOf {
  const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
  const dice = new Dice(5)
  const subject = what === 'analysis' ? everything() : detectionAlone()
  const see = (line: string, learning: boolean): void => {
    const event = parseEventLine(line, 'bench', 1, redactor)
    if (isRejection(event)) throw new Error(event.reason)
    subject.observe(event, learning)
  }
  const others = 20_000
  for (let index = 0; index < others; index += 1)
    see(lineOf(index, dice.below(500), start + index * 100, dice), true)
  const before = used()
  for (let index = 0; index < principals * calls; index += 1) {
    const time = start + others * 100 + index * 20
    see(lineOf(others + index, 1_000 + Math.floor(index / calls), time, dice), false)
  }
  const bytesPerPrincipal = (used() - before) / principals
  const evicted = Object.fromEntries(Object.entries(subject.evicted()).filter(([, count]) => count > 0))
  return { bytesPerPrincipal, resident: process.memoryUsage().rss, evicted }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      what: { type: 'string', default: 'analysis' },
      principals: { type: 'string', default: '20000' },
      calls: { type: 'string', default: '4' },
    },
  })
  const what: Measured = values.what === 'detection' ? 'detection' : 'analysis'
  process.stdout.write(JSON.stringify(measure(what, Number(values.principals), Number(values.calls))))
}
