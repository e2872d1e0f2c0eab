import type { ApiCall } from '../../../src/call/api-call.ts'
import type { Json } from '../../../src/call/content.ts'
import { Catalog } from '../../../src/catalog/catalog.ts'
import { RouteMatcher } from '../../../src/catalog/route-matcher.ts'
import { median } from '../gateway/statistics.ts'
import { callOf, Dice, identities, operationsOf } from './landscape.ts'

/** A figure of one benchmark, in microseconds of CPU, with the bound it is held to where there is one. */
export interface Figure {
  readonly what: string
  readonly micros: number
  readonly bound?: number
}

const rounds = 7
const operationCount = 200
const dice = new Dice(5)
const operations = operationsOf(operationCount, 30, 3)
const withBodies = operations.filter(({ action }) => action !== 'list')
const settledTurns = 60

const calls: readonly ApiCall[] = withBodies.flatMap(operation =>
  Array.from({ length: 5 }, (_, turn) => callOf(operation, settledTurns + turn, dice)),
)
const bodies = calls.map(call => {
  const content = call.request.content.kind === 'json' ? call.request.content : call.response!.content
  return JSON.stringify(content.kind === 'json' ? content.value : null)
})

/** Bytes of the JSON bodies of a call, on average. */
export const meanBytes = Math.round(
  calls.reduce(
    (sum, { request, response }) => sum + bytesOf(request.content) + bytesOf(response!.content),
    0,
  ) / calls.length,
)

function bytesOf(content: ApiCall['request']['content']): number {
  return content.kind === 'json' ? JSON.stringify(content.value).length : 0
}

function observeAll(catalog: Catalog): void {
  for (const [index, call] of calls.entries()) catalog.observe(call, identities[index % identities.length]!)
}

function leaves(value: Json): number {
  if (value === null || typeof value !== 'object') return 1
  let count = 0
  for (const key in value) count += leaves((value as { readonly [key: string]: Json })[key]!)
  return count
}

/** Taught until the schemas are settled: what a call costs in the long run. */
function taught(): Catalog {
  const catalog = new Catalog()
  for (let turn = 0; turn < settledTurns; turn += 1)
    for (const operation of operations)
      catalog.observe(callOf(operation, turn, dice), identities[turn % identities.length]!)
  catalog.settle()
  return catalog
}

/**
 * What learning from a call costs, with the JSON that the first figure names the size of: settled, fresh (the first calls of a catalog), beside the floor of any
 * reading of it: `JSON.parse` and one walk over its values. And finding a call's route. Medians of interleaved rounds.
 */
export function observeFigures(): readonly Figure[] {
  const catalog = taught()
  const matcher = new RouteMatcher(catalog.routes())
  const runs: readonly { readonly what: string; readonly run: () => unknown; readonly bound?: number }[] = [
    {
      what: `JSON.parse and a walk, bodies of ${meanBytes} bytes`,
      run: () => bodies.reduce((sum, body) => sum + leaves(JSON.parse(body) as Json), 0),
    },
    { what: 'observe, settled', run: () => observeAll(catalog), bound: 25 },
    { what: 'observe, fresh catalog', run: () => observeAll(new Catalog()) },
    {
      what: 'route of a call',
      run: () => {
        for (const { destination, request } of calls)
          matcher.match(destination.host, request.method, request.path)
      },
    },
  ]
  const times = runs.map((): number[] => [])
  for (let round = -2; round < rounds; round += 1)
    for (const [index, { run }] of runs.entries()) {
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) times[index]!.push((user + system) / calls.length)
    }
  return runs.map(({ what, bound }, index) => ({
    what,
    micros: median(times[index]!),
    ...(bound === undefined ? {} : { bound }),
  }))
}
