import type { EndpointView } from '../../../src/server/api/endpoint.ts'
import type { SpecView } from '../../../src/server/api/spec.ts'
import { emptyEndpointFilter, endpointFilterAddress } from './endpoint-filter.ts'
import { count, listed, plural } from './number.ts'

/** What the catalog says of one specification's hosts. */
export interface SpecCoverage {
  readonly documented: number
  readonly orphans: number
  readonly undocumented: number
}

/** `api.shop.example/v1` names a host; `/v1` holds for every host. */
const hostOf = (server: string): string => server.split('/', 1)[0] ?? ''

const specHosts = ({ servers }: Pick<SpecView, 'servers'>): readonly string[] => [
  ...new Set(servers.map(hostOf).filter(named => named !== '')),
]

/** Whether an endpoint stands on a server that the specification names. One that names no host is for all of them. */
export function speaksFor(spec: Pick<SpecView, 'servers'>, host: string): boolean {
  const hosts = specHosts(spec)
  return hosts.length === 0 || hosts.includes(host)
}

export function specCoverage(
  spec: Pick<SpecView, 'servers'>,
  endpoints: readonly EndpointView[],
): SpecCoverage {
  const of = (inventory: EndpointView['inventory']): number =>
    endpoints.filter(one => one.inventory === inventory && speaksFor(spec, one.host)).length
  return { documented: of('documented'), orphans: of('orphan'), undocumented: of('shadow') }
}

/** The list of endpoints that stand so to a specification, on its hosts. */
export function coveragePath(spec: Pick<SpecView, 'servers'>, inventory: EndpointView['inventory']): string {
  const host = specHosts(spec)
  const chosen = { inventory: [inventory], ...(host.length === 0 ? {} : { host }) }
  return `/apis?${endpointFilterAddress({ ...emptyEndpointFilter, chosen })}`
}

/** The page's first line. */
export function specsSentence(specs: readonly SpecView[], endpoints: readonly EndpointView[]): string {
  if (specs.length === 0) return 'There is no specification to compare the traffic with.'
  const operations = specs.reduce((sum, spec) => sum + spec.operations, 0)
  const promise = `${plural(specs.length, 'specification')} ${specs.length === 1 ? 'promises' : 'promise'} ${plural(operations, 'operation')}`
  const tally = (inventory: EndpointView['inventory']): number =>
    endpoints.filter(one => one.inventory === inventory).length
  const rest = [
    tally('documented') > 0 ? `${count(tally('documented'))} seen` : '',
    tally('orphan') > 0 ? `${count(tally('orphan'))} never called` : '',
    tally('shadow') > 0 ? `${plural(tally('shadow'), 'endpoint')} in none of them` : '',
  ].filter(Boolean)
  return rest.length === 0 ? `${promise}.` : `${promise}: ${listed(rest)}.`
}

/** A name for a file's specification: letters, digits, `-`, `_` and `.`, without its ending. */
export function nameOfFile(file: string): string {
  const name = file
    .replace(/\.(?:ya?ml|json|graphqls?|gql|sdl|pb|desc|binpb|protoset)$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
  return name === '' ? 'specification' : name.slice(0, 100)
}
