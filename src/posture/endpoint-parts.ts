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
