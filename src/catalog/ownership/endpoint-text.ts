import { compileEndpointPattern, type EndpointPattern, splitPath } from '../../kit/endpoint-pattern.ts'
import type { Endpoint } from '../endpoint.ts'
import { compileHost } from './glob.ts'

/**
 * `POST /cart/items`, `POST api.shop.example/payments`, `/orders/{orderId}`, `POST /graphql#mutation:*`: a test for the endpoints
 * it names.
 */
export function compileEndpointText(text: string): (endpoint: Endpoint) => boolean {
  const space = text.search(/\s/)
  const method = space < 0 ? '*' : text.slice(0, space)
  const place = space < 0 ? text : text.slice(space).trim()
  const slash = Math.max(0, place.indexOf('/'))
  const host = slash === 0 ? undefined : compileHost(place.slice(0, slash).toLowerCase())
  const pattern = compileEndpointPattern(`${method} ${place.slice(slash)}`)
  return endpoint =>
    (pattern.method === undefined || pattern.method === endpoint.method) &&
    (host === undefined || host(endpoint.host)) &&
    fitsPath(pattern, endpoint)
}

/** Whether an endpoint's path, and its operation where the pattern names one, are of the pattern. */
export function fitsPath(
  { matches, matchesOperation }: EndpointPattern,
  endpoint: Endpoint,
  segments = splitPath(endpoint.template),
): boolean {
  return (
    matches(segments, true) &&
    (matchesOperation === undefined || matchesOperation(operationOf(endpoint) ?? ''))
  )
}

/** The operation's name, of endpoints that are one: `query:orders` of `POST api.example/graphql#query:orders`. */
export function operationOf({ id }: Endpoint): string | undefined {
  const mark = id.indexOf('#')
  return mark < 0 ? undefined : id.slice(mark + 1)
}
