import { readNodeId } from '../graph/node.ts'

/** An endpoint's id in its parts. */
export interface EndpointParts {
  readonly method: string
  readonly host: string
  readonly template: string
  /** What stands behind `#`. */
  readonly operation?: string
}

/** Parts of `endpoint:GET api.example/orders/{orderId}`; undefined of what is none. */
export function endpointParts(id: string): EndpointParts | undefined {
  const read = readNodeId(id)
  if (read?.kind !== 'endpoint') return undefined
  const space = read.name.indexOf(' ')
  const slash = read.name.indexOf('/', space)
  if (space <= 0 || slash < 0) return undefined
  const path = read.name.slice(slash)
  const mark = path.indexOf('#')
  return {
    method: read.name.slice(0, space),
    host: read.name.slice(space + 1, slash),
    template: mark < 0 ? path : path.slice(0, mark),
    ...(mark < 0 ? {} : { operation: path.slice(mark + 1) }),
  }
}

const plainMethod = /^[A-Z][A-Z-]{0,31}$/
const plainHost = /^[a-z0-9_](?:[a-z0-9._-]{0,252})(?::\d{1,5})?$/

/**
 * Whether policies can name it without meaning more: traffic chooses methods, hosts and paths, and a star, or a sign of a regular
 * expression, in one of them would open what nobody asked for.
 */
export function isPlainEndpoint({ method, host, template }: EndpointParts): boolean {
  if (!plainMethod.test(method) || !plainHost.test(host)) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to refuse
  return !/[*\s\u0000-\u001f\u007f]/.test(template.replace(/\{[^{}]*\}/g, ''))
}
