import type { Catalog } from '../catalog.ts'
import type { Endpoint } from '../endpoint.ts'
import type { CatalogChange } from './catalog-change.ts'
import { changesBetween, exists } from './changes-between.ts'

/**
 * What differs between two catalogs learned apart, in the order of endpoints. An endpoint of the second is the one of the
 * first that its template leads to: `/orders/7` in a short recording is the `/orders/{orderId}` of a long one. Of hosts that the
 * second never saw, nothing is gone.
 * @param time what the changes carry: ms since the epoch.
 */
export function compareCatalogs(before: Catalog, after: Catalog, time: number): readonly CatalogChange[] {
  const was = byId(before)
  const is = byId(after)
  const hosts = new Set([...is.values()].map(({ host }) => host))
  const found = new Map<string, CatalogChange>()
  const met = new Set<string>()
  for (const endpoint of is.values()) {
    if (!exists(endpoint)) continue
    const former = was.get(before.resolve(endpoint.id))
    if (former !== undefined) met.add(former.id)
    // Seen before, but too little to say how it was.
    if (former !== undefined && !exists(former)) continue
    for (const change of changesBetween(former, endpoint, time)) found.set(change.id, change)
  }
  for (const endpoint of was.values()) {
    if (met.has(endpoint.id) || is.has(after.resolve(endpoint.id)) || !hosts.has(endpoint.host)) continue
    for (const change of changesBetween(endpoint, undefined, time)) found.set(change.id, change)
  }
  return [...found.values()]
}

const byId = (catalog: Catalog): ReadonlyMap<string, Endpoint> =>
  new Map(
    catalog
      .endpoints()
      .filter(({ calls }) => calls > 0)
      .map(endpoint => [endpoint.id, endpoint]),
  )
