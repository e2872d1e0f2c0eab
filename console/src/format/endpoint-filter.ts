import type { EndpointView } from '../../../src/server/api/endpoint.ts'
import { dataGroup } from './data-groups.ts'
import { isOpen } from './endpoint.ts'
import { protocolsOf } from './protocols.ts'

export const facets = [
  'inventory',
  'dataGroup',
  'dataClass',
  'auth',
  'exposure',
  'criticality',
  'protocol',
  'owner',
  'group',
  'environment',
  'tag',
  'method',
  'host',
] as const
export type Facet = (typeof facets)[number]

export const sorts = ['risk', 'calls', 'new', 'recent', 'name'] as const
export type Sort = (typeof sorts)[number]

export interface EndpointFilter {
  readonly q: string
  readonly sort: Sort
  /** Values of one facet are alternatives; facets are conditions that all hold. */
  readonly chosen: Readonly<Partial<Record<Facet, readonly string[]>>>
}

export const emptyEndpointFilter: EndpointFilter = { q: '', sort: 'risk', chosen: {} }

/** Stands for an owner where nobody is named. */
export const nobody = 'nobody'

/** The values an endpoint has under a facet. `none` stands for calls without any authentication. */
export function facetValues(endpoint: EndpointView, facet: Facet): readonly string[] {
  const { labels } = endpoint
  switch (facet) {
    case 'auth':
      if (endpoint.inventory === 'orphan') return []
      return isOpen(endpoint)
        ? [...new Set(['none', ...endpoint.auth.filter(scheme => scheme !== 'anonymous')])]
        : endpoint.auth
    case 'dataClass':
      return classesOf(endpoint)
    case 'dataGroup':
      return [...new Set(classesOf(endpoint).map(dataGroup))]
    case 'protocol':
      return protocolsOf(endpoint.protocol)
    case 'owner':
      return [labels?.owner?.value ?? nobody]
    case 'group':
      return some(labels?.group?.value)
    case 'environment':
      return some(labels?.environment?.value)
    case 'tag':
      return labels?.tags.map(({ value }) => value) ?? []
    default:
      return some(endpoint[facet])
  }
}

const some = (value: string | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : [value]

const classesOf = ({ dataClasses }: EndpointView): readonly string[] =>
  dataClasses.request.length === 0
    ? dataClasses.response
    : [...new Set([...dataClasses.request, ...dataClasses.response])]

export function endpointFilterFrom(search: URLSearchParams): EndpointFilter {
  const chosen: Partial<Record<Facet, readonly string[]>> = {}
  for (const facet of facets) {
    const values = search.getAll(facet).filter(value => value !== '')
    if (values.length > 0) chosen[facet] = [...new Set(values)]
  }
  const sort = search.get('sort')
  return { q: search.get('q') ?? '', sort: sorts.find(known => known === sort) ?? 'risk', chosen }
}

export function endpointFilterAddress(filter: EndpointFilter): URLSearchParams {
  const search = new URLSearchParams()
  if (filter.q !== '') search.set('q', filter.q)
  if (filter.sort !== 'risk') search.set('sort', filter.sort)
  for (const facet of facets) for (const value of filter.chosen[facet] ?? []) search.append(facet, value)
  return search
}

/** Chooses a value, or no longer does. */
export function toggled(
  chosen: EndpointFilter['chosen'],
  facet: Facet,
  value: string,
): EndpointFilter['chosen'] {
  const { [facet]: before = [], ...others } = chosen
  const values = before.includes(value) ? before.filter(one => one !== value) : [...before, value]
  return values.length === 0 ? others : { ...others, [facet]: values }
}

const orders: Readonly<Record<Sort, (a: EndpointView, b: EndpointView) => number>> = {
  risk: (a, b) => b.risk.score - a.risk.score || b.calls - a.calls,
  calls: (a, b) => b.calls - a.calls,
  new: (a, b) => (a.firstSeen < b.firstSeen ? 1 : a.firstSeen > b.firstSeen ? -1 : 0),
  recent: (a, b) => (a.lastSeen < b.lastSeen ? 1 : a.lastSeen > b.lastSeen ? -1 : 0),
  name: (a, b) => (a.template < b.template ? -1 : a.template > b.template ? 1 : 0),
}

interface Indexed {
  readonly endpoint: EndpointView
  /** What is searched, in lower case. */
  readonly text: string
  /** In the order of `facets`. */
  readonly values: readonly (readonly string[])[]
}

export interface EndpointResult {
  readonly items: readonly EndpointView[]
  /** How many of them are only promised by a specification. */
  readonly uncalled: number
  /** For each facet, how many would be left with each value, the other facets standing. Most first. */
  readonly counts: Readonly<Record<Facet, readonly (readonly [value: string, count: number])[]>>
}

/** Every endpoint taken apart once, so that each letter typed costs one pass over the list. */
export class EndpointIndex {
  readonly #indexed: readonly Indexed[]
  readonly #sorted = new Map<Sort, readonly Indexed[]>()

  constructor(endpoints: readonly EndpointView[]) {
    this.#indexed = endpoints.map(endpoint => ({
      endpoint,
      text: `${endpoint.id} ${endpoint.labels?.owner?.value ?? ''}`.toLowerCase(),
      values: facets.map(facet => facetValues(endpoint, facet)),
    }))
  }

  /** Search, facets and order over the whole list. */
  find(filter: EndpointFilter): EndpointResult {
    const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
    const wanted = facets.map(facet => filter.chosen[facet])
    const tallies = facets.map(() => new Map<string, number>())
    const items: EndpointView[] = []
    let uncalled = 0
    for (const one of this.#inOrder(filter.sort)) {
      if (!words.every(word => one.text.includes(word))) continue
      const missed = missedFacets(one, wanted)
      if (missed.count === 0) {
        items.push(one.endpoint)
        if (one.endpoint.inventory === 'orphan') uncalled += 1
        for (let at = 0; at < facets.length; at += 1) tally(tallies[at], one.values[at])
      } else if (missed.count === 1) {
        // Only this facet speaks against it: choosing its value there would bring it back.
        tally(tallies[missed.last], one.values[missed.last])
      }
    }
    const counts = Object.fromEntries(
      facets.map((facet, at) => [
        facet,
        [...(tallies[at] ?? [])].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
      ]),
    ) as unknown as EndpointResult['counts']
    return { items, uncalled, counts }
  }

  #inOrder(sort: Sort): readonly Indexed[] {
    const known = this.#sorted.get(sort)
    if (known !== undefined) return known
    const order = orders[sort]
    const sorted = [...this.#indexed].sort((a, b) => order(a.endpoint, b.endpoint))
    this.#sorted.set(sort, sorted)
    return sorted
  }
}

function missedFacets(
  one: Indexed,
  wanted: readonly (readonly string[] | undefined)[],
): { readonly count: number; readonly last: number } {
  let count = 0
  let last = -1
  for (let at = 0; at < wanted.length; at += 1) {
    const values = wanted[at]
    if (values === undefined || one.values[at]?.some(value => values.includes(value)) === true) continue
    count += 1
    last = at
    if (count > 1) break
  }
  return { count, last }
}

function tally(into: Map<string, number> | undefined, values: readonly string[] = []): void {
  if (into === undefined) return
  for (const value of values) into.set(value, (into.get(value) ?? 0) + 1)
}
