import { parseArgs } from 'node:util'
import { bytesAllowed, measureMemory } from './memory.ts'
import { observeFigures } from './observe.ts'

/**
 * What the catalog costs, in one table: `node test/bench/catalog/main.ts [--endpoints N]`. CPU of learning from a call and of finding its
 * route, medians of seven interleaved rounds beside a floor measured in the same run; memory of N endpoints (10,000) with 20 fields
 * each. Bounds: 25 µs for a call that settled schemas learn from, 750 bytes of heap for a field all told (1.5 GB for 2 million); exit
 * 1 where one is missed. `operations.ts` measures the reading of protocols.
 */
const { values } = parseArgs({ options: { endpoints: { type: 'string', default: '10000' } } })
const rows: (readonly [what: string, figure: string, bound: string])[] = []
let missed = false
for (const { what, micros, bound } of observeFigures()) {
  missed ||= bound !== undefined && micros > bound
  rows.push([what, `${micros.toFixed(2)} µs`, bound === undefined ? '' : `${bound} µs`])
}
const memory = measureMemory(Number(values.endpoints), 20, 20)
missed ||= memory.bytesPerField > bytesAllowed
rows.push([`heap of ${memory.endpoints} endpoints, ${memory.fields} fields`, `${memory.heapMB} MB`, ''])
rows.push(['  for an endpoint', `${memory.bytesPerEndpoint} B`, ''])
rows.push(['  for a field, all told', `${memory.bytesPerField} B`, `${bytesAllowed} B`])
rows.push(['  resident memory of the process', `${memory.residentMB} MB`, ''])
rows.push([`  ${memory.calls} calls through it`, `${memory.seconds} s`, ''])
process.stdout.write(`${'what'.padEnd(52)}${'measured'.padStart(12)}${'bound'.padStart(10)}\n`)
for (const [what, figure, bound] of rows)
  process.stdout.write(`${what.padEnd(52)}${figure.padStart(12)}${bound.padStart(10)}\n`)
if (missed) process.exitCode = 1
