import type { Endpoint } from '../../catalog/endpoint.ts'
import { speaks } from '../../catalog/protocol.ts'

/** Which endpoints are asked for. */
export interface EndpointFilter {
  readonly q?: string | undefined
  readonly host?: string | undefined
  readonly method?: string | undefined
  readonly protocol?: string | undefined
  readonly dataClass?: string | undefined
  readonly auth?: string | undefined
  readonly inventory?: string | undefined
  readonly owner?: string | undefined
  readonly environment?: string | undefined
  readonly group?: string | undefined
  readonly tag?: string | undefined
  readonly criticality?: string | undefined
}

/** True of endpoints for which all that is given holds; words compare exactly. */
export function endpointsLike(filter: EndpointFilter): (endpoint: Endpoint) => boolean {
  const text = filter.q?.toLowerCase()
  const is = (wanted: string | undefined, value: string | undefined): boolean =>
    wanted === undefined || wanted === value
  const has = (wanted: string | undefined, ...lists: (readonly string[])[]): boolean =>
    wanted === undefined || lists.some(list => list.includes(wanted))
  return ({ id, host, method, protocol, auth, inventory, dataClasses, criticality, labels }) =>
    (text === undefined || id.toLowerCase().includes(text)) &&
    is(filter.host, host) &&
    is(filter.method, method) &&
    (filter.protocol === undefined || speaks(protocol, filter.protocol)) &&
    has(filter.auth, auth) &&
    is(filter.inventory, inventory) &&
    has(filter.dataClass, dataClasses.request, dataClasses.response) &&
    is(filter.owner, labels?.owner?.value) &&
    is(filter.environment, labels?.environment?.value) &&
    is(filter.group, labels?.group?.value) &&
    (filter.tag === undefined || labels?.tags.some(({ value }) => value === filter.tag) === true) &&
    is(filter.criticality, criticality)
}
