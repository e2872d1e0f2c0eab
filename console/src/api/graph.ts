import { useQuery } from '@tanstack/react-query'
import type { GraphNodeView, GraphPathView, GraphView } from '../../../src/server/api/graph.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { ReachView } from '../../../src/server/api/reach.ts'
import { get, queryString } from './client.ts'

/** When the graph is looked at, and whether what is only granted counts. */
export interface GraphMoment {
  /** RFC 3339; now when absent. */
  readonly asOf?: string | undefined
  /** Seen in so many days before. */
  readonly days?: number | undefined
  readonly declared: boolean
}

const momentParams = ({ asOf, days, declared }: GraphMoment) => ({
  asOf,
  days,
  declared: declared ? 'true' : 'false',
})

/** As many as a drawing holds. */
const mostNodes = 150

/** A node and what lies around it. */
export const useGraph = (focus: string, depth: number, moment: GraphMoment) =>
  useQuery({
    queryKey: ['graph', 'around', focus, depth, moment],
    queryFn: ({ signal }) =>
      get<GraphView>(
        `/graph${queryString({ focus, depth, limit: mostNodes, ...momentParams(moment) })}`,
        signal,
      ),
    enabled: focus !== '',
    placeholderData: previous => previous,
    staleTime: 30_000,
  })

/** Ways from one to the other: ids, or selectors such as `data:*`. */
export const useGraphPaths = (from: string, to: string, moment: GraphMoment, limit = 10) =>
  useQuery({
    queryKey: ['graph', 'paths', from, to, moment, limit],
    queryFn: ({ signal }) =>
      get<{ readonly paths: readonly GraphPathView[] }>(
        `/graph/paths${queryString({ from, to, limit, ...momentParams(moment) })}`,
        signal,
      ),
    enabled: from !== '' && to !== '',
    staleTime: 30_000,
  })

/** By each endpoint that the internet calls, a shortest way to a class of data. */
export const useDataWays = (dataClass: string, moment: GraphMoment, limit: number) =>
  useQuery({
    queryKey: ['graph', 'data', dataClass, moment, limit],
    queryFn: ({ signal }) =>
      get<{ readonly paths: readonly GraphPathView[] }>(
        `/graph/paths${queryString({ from: 'internet', to: `data:${dataClass}`, by: 'endpoint', limit, ...momentParams(moment) })}`,
        signal,
      ),
    enabled: dataClass !== '',
    staleTime: 30_000,
  })

export const useReach = (node: string, asOf?: string) =>
  useQuery({
    queryKey: ['graph', 'reach', node, asOf],
    queryFn: ({ signal }) => get<ReachView>(`/graph/reach${queryString({ node, asOf })}`, signal),
    staleTime: 30_000,
  })

export const useGraphNodes = (q: string, kind?: string) =>
  useQuery({
    queryKey: ['graph', 'nodes', q, kind],
    queryFn: ({ signal }) =>
      get<PageView<GraphNodeView>>(`/graph/nodes${queryString({ q, kind, limit: 50 })}`, signal),
    placeholderData: previous => previous,
    staleTime: 30_000,
  })
