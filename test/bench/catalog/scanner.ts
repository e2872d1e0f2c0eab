import { exampleCall } from '../../../src/call/protocols/example-call.ts'
import { Catalog } from '../../../src/catalog/catalog.ts'
import { defaultCatalogOptions } from '../../../src/catalog/catalog-options.ts'
import type { Identity } from '../../../src/identity/identity.ts'
import type { PrincipalId } from '../../../src/kit/id.ts'

/**
 * What random paths of a scanner cost the catalog: `node test/bench/catalog/scanner.ts [calls]`, 10 million where not said. Hosts that
 * answer 404 or 200 to everything, one host and as many as there are calls. Prints heap before and after, time per call in each tenth,
 * and endpoints held. Bounds: the options `hosts`, `nodes` and `endpoints`, exceeded by one call's nodes at most; exit 1 beyond.
 */
export interface Scan {
  readonly status: number
  readonly manyHosts: boolean
}

export const scans: readonly Scan[] = [404, 200].flatMap(status =>
  [false, true].map(manyHosts => ({ status, manyHosts })),
)

const scanner: Identity = {
  principal: 'anonymous:scanner' as PrincipalId,
  kind: 'anonymous',
  name: 'scanner',
  roles: [],
  claims: {},
  confidence: 0.3,
  device: 'scanner',
  evidence: 'address',
}

/** @param tenth told after each tenth of the calls */
export function scan({ status, manyHosts }: Scan, count: number, tenth: () => void = () => {}): Catalog {
  const catalog = new Catalog()
  const call = exampleCall({
    request: { method: 'GET', target: '/', headers: { host: 'api.example' } },
    response: { status, headers: { 'content-type': 'text/html' }, body: 'x' },
  })
  let state = 1
  const word = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state.toString(36)
  }
  for (let index = 1; index <= count; index += 1) {
    const path = `/${word()}/${word()}`
    const host = manyHosts ? `${word()}.example` : 'api.example'
    const request = { ...call.request, path, target: path }
    catalog.observe({ ...call, request, destination: { host }, time: index }, scanner)
    if (index % Math.ceil(count / 10) === 0) tenth()
  }
  return catalog
}

export const withinBounds = ({ stats }: Catalog): boolean =>
  stats.nodes <= defaultCatalogOptions.nodes + 64 &&
  stats.endpoints + stats.candidates <= defaultCatalogOptions.endpoints + 1

const heap = (): number => Math.round(process.memoryUsage().heapUsed / 1e6)

if (process.argv[1]?.endsWith('scanner.ts') === true) {
  const count = Number(process.argv[2] ?? 10_000_000)
  for (const one of scans) {
    const before = heap()
    const times: string[] = []
    let last = process.hrtime.bigint()
    const catalog = scan(one, count, () => {
      const now = process.hrtime.bigint()
      times.push((Number(now - last) / 1_000 / (count / 10)).toFixed(1))
      last = now
    })
    const { endpoints, candidates, nodes } = catalog.stats
    process.stdout.write(
      `${one.status}, ${one.manyHosts ? 'many hosts' : 'one host'}: heap ${before} to ${heap()} MB, ` +
        `µs per call in each tenth ${times.join(' ')}, ${endpoints} endpoints, ${candidates} candidates, ${nodes} nodes\n`,
    )
    if (!withinBounds(catalog)) process.exitCode = 1
  }
}
