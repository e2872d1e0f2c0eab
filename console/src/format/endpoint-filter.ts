import type { EndpointView } from '../api/types.ts'
import { isOpen } from './endpoint.ts'

export const facets = ['inventory', 'exposure', 'auth', 'dataClass', 'method', 'host'] as const
export type Facet = (typeof facets)[number]

export const sorts = ['risk', 'calls', 'new', 'recent', 'name'] as const
export type Sort = (typeof sorts)[number]

export interface EndpointFilter {
  readonly q: string
  readonly sort: Sort
  readonly chosen: Readonly<Partial<Record<Facet, string>>>
}

/** The values an endpoint has under a facet. `none` stands for calls without any authentication. */
export function facetValues(endpoint: EndpointView, facet: Facet): readonly string[] {
  switch (facet) {
    case 'auth':
      return isOpen(endpoint)
        ? [...new Set(['none', ...endpoint.auth.filter(scheme => scheme !== 'anonymous')])]
        : endpoint.auth
    case 'dataClass':
      return [...new Set([...endpoint.dataClasses.request, ...endpoint.dataClasses.response])]
    default:
      return [endpoint[facet]]
  }
}

export function endpointFilterFrom(search: URLSearchParams): EndpointFilter {
  const chosen: Partial<Record<Facet, string>> = {}
  for (const facet of facets) {
    const value = search.get(facet)
    if (value !== null && value !== '') chosen[facet] = value
  }
  const sort = search.get('sort')
  return { q: search.get('q') ?? '', sort: sorts.find(known => known === sort) ?? 'risk', chosen }
}

export function endpointFilterAddress(filter: EndpointFilter): URLSearchParams {
  const search = new URLSearchParams()
  if (filter.q !== '') search.set('q', filter.q)
  if (filter.sort !== 'risk') search.set('sort', filter.sort)
  for (const facet of facets) {
    const value = filter.chosen[facet]
    if (value !== undefined) search.set(facet, value)
  }
  return search
}

const passes = (endpoint: EndpointView, filter: EndpointFilter, except?: Facet): boolean =>
  facets.every(facet => {
    const wanted = filter.chosen[facet]
    return facet === except || wanted === undefined || facetValues(endpoint, facet).includes(wanted)
  })

const orders: Readonly<Record<Sort, (a: EndpointView, b: EndpointView) => number>> = {
  risk: (a, b) => b.risk.score - a.risk.score || b.calls - a.calls,
  calls: (a, b) => b.calls - a.calls,
  new: (a, b) => (a.firstSeen < b.firstSeen ? 1 : a.firstSeen > b.firstSeen ? -1 : 0),
  recent: (a, b) => (a.lastSeen < b.lastSeen ? 1 : a.lastSeen > b.lastSeen ? -1 : 0),
  name: (a, b) => (a.template < b.template ? -1 : a.template > b.template ? 1 : 0),
}

const found = (endpoint: EndpointView, words: readonly string[]): boolean => {
  const text = endpoint.id.toLowerCase()
  return words.every(word => text.includes(word))
}

export interface EndpointResult {
  readonly items: readonly EndpointView[]
  /** For each facet, how many would be left with each value, the other facets standing. Most first. */
  readonly counts: Readonly<Record<Facet, readonly (readonly [value: string, count: number])[]>>
}

/** Search, facets and order over the whole list: 10,000 endpoints in a few milliseconds. */
export function filterEndpoints(endpoints: readonly EndpointView[], filter: EndpointFilter): EndpointResult {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
  const searched = words.length === 0 ? endpoints : endpoints.filter(endpoint => found(endpoint, words))
  const counts = Object.fromEntries(
    facets.map(facet => {
      const tally = new Map<string, number>()
      for (const endpoint of searched) {
        if (!passes(endpoint, filter, facet)) continue
        for (const value of facetValues(endpoint, facet)) tally.set(value, (tally.get(value) ?? 0) + 1)
      }
      return [facet, [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))]
    }),
  ) as unknown as EndpointResult['counts']
  return { items: searched.filter(endpoint => passes(endpoint, filter)).sort(orders[filter.sort]), counts }
}
