import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Catalog } from '../../../src/catalog/catalog.ts'
import { callOf, Dice, identities, operationsOf } from './landscape.ts'

/**
 * What a catalog of many endpoints weighs: `node test/bench/catalog/memory.ts [--endpoints N] [--fields N] [--calls N] [--json]`.
 *
 * Made-up services with N endpoints (100,000), whose objects have N fields each (20), are called N times each (20) through `Catalog` with
 * its bounds raised. Prints endpoints, fields, heap after collection, per endpoint and per field, resident memory and
 * time. The heap is measured less what it was before; the calls themselves are not held. Exit 1 where 100,000 endpoints with 2 million
 * fields take more than 1.5 GB of heap, or in proportion.
 */

export interface MemoryFigures {
  readonly endpoints: number
  readonly fields: number
  readonly calls: number
  readonly heapMB: number
  readonly bytesPerEndpoint: number
  readonly bytesPerField: number
  readonly residentMB: number
  readonly seconds: number
}

/** Heap that 2 million fields of 100,000 endpoints may take, bytes for each of their fields, all told. */
export const bytesAllowed = 1_500_000_000 / 2_000_000

const self = fileURLToPath(import.meta.url)

/** Measures in a process of its own, which has a heap large enough and may collect at will. */
export function measureMemory(endpoints: number, fields: number, calls: number): MemoryFigures {
  const numbers = ['--endpoints', `${endpoints}`, '--fields', `${fields}`, '--calls', `${calls}`]
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=6144', self, ...numbers, '--json'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return JSON.parse(child.stdout) as MemoryFigures
}

function run(endpoints: number, fields: number, calls: number): MemoryFigures {
  const collect = (): void => {
    globalThis.gc?.()
    globalThis.gc?.()
  }
  const operations = operationsOf(endpoints, fields, 7)
  collect()
  const before = process.memoryUsage().heapUsed
  const dice = new Dice(11)
  const catalog = new Catalog({
    endpoints: endpoints * 4,
    nodes: endpoints * 8,
    hosts: endpoints,
    fields: endpoints * fields * 4,
  })
  const started = performance.now()
  for (let turn = 0; turn < calls; turn += 1)
    for (const operation of operations)
      catalog.observe(callOf(operation, turn, dice), identities[turn % identities.length]!)
  const seconds = (performance.now() - started) / 1_000
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  const { endpoints: held, candidates, fields: learned } = catalog.stats
  const count = held + candidates
  return {
    endpoints: count,
    fields: learned,
    calls: operations.length * calls,
    heapMB: Math.round((heapUsed - before) / 1e6),
    bytesPerEndpoint: Math.round((heapUsed - before) / count),
    bytesPerField: Math.round((heapUsed - before) / learned),
    residentMB: Math.round(rss / 1e6),
    seconds: Math.round(seconds * 10) / 10,
  }
}

if (process.argv[1] === self) {
  const { values } = parseArgs({
    options: {
      endpoints: { type: 'string', default: '100000' },
      fields: { type: 'string', default: '20' },
      calls: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    },
  })
  const size = [Number(values.endpoints), Number(values.fields), Number(values.calls)] as const
  if (values.json) process.stdout.write(JSON.stringify(run(...size)))
  else {
    const figures = measureMemory(...size)
    for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(20)}${value}\n`)
    if (figures.bytesPerField > bytesAllowed) process.exitCode = 1
  }
}
