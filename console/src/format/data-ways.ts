import type { GraphPathView } from '../../../src/server/api/graph.ts'
import { nodeParts } from './graph-names.ts'
import { capital, dataClassName } from './names.ts'
import { plural } from './number.ts'
import { wayState } from './path-words.ts'

export interface EndpointWays {
  /** Absent where the way leads through no endpoint that is known. */
  readonly endpoint?: string
  readonly ways: readonly GraphPathView[]
}

/** Ways by the endpoint through which they enter: those that happened first, then as they came. */
export function byEndpoint(ways: readonly GraphPathView[]): readonly EndpointWays[] {
  const groups = new Map<string | undefined, GraphPathView[]>()
  for (const way of ways) {
    const endpoint = way.nodes.map(({ id }) => nodeParts(id)).find(({ kind }) => kind === 'endpoint')?.name
    const group = groups.get(endpoint)
    if (group === undefined) groups.set(endpoint, [way])
    else group.push(way)
  }
  const happened = (group: EndpointWays): number =>
    Number(group.ways.some(way => wayState(way) === 'happened'))
  return [...groups]
    .map(
      ([endpoint, found]): EndpointWays => ({ ...(endpoint === undefined ? {} : { endpoint }), ways: found }),
    )
    .sort((a, b) => happened(b) - happened(a))
}

/** Through how many endpoints a class of data can be reached from the internet, and through how many it was. */
export function dataSentence(dataClass: string, groups: readonly EndpointWays[]): string {
  const name = `${capital(dataClassName(dataClass))} data`
  if (groups.length === 0)
    return `${name} cannot be reached from the internet: no way was seen or is granted.`
  const used = groups.filter(({ ways }) => ways.some(way => wayState(way) === 'happened')).length
  const doors = groups.some(({ endpoint }) => endpoint === undefined) ? 'way' : 'endpoint'
  const ever =
    used === groups.length
      ? groups.length === 1
        ? 'it was used'
        : 'all of them were used'
      : used === 0
        ? groups.length === 1
          ? 'it never was'
          : 'none of them ever was used'
        : `${used} of them ${used === 1 ? 'was' : 'were'} used`
  return `${name} can be reached from the internet through ${plural(groups.length, doors)}; ${ever}.`
}
