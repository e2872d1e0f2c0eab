import type { KubernetesObject } from '../../call/resource-event.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { type RouteWay, waysOf } from './route-way.ts'

/** The ways from hosts and paths to services, by either end. */
export class RouteTable {
  private readonly ways = new Map<string, readonly RouteWay[]>()
  private readonly byService = new Map<string, Set<RouteWay>>()
  private readonly byHost = new Map<string, Set<RouteWay>>()
  private _gated = 0

  /** Some of the ways hang on gateways. */
  get gated(): boolean {
    return this._gated > 0
  }

  /** @returns Namespaces whose services are reached otherwise now. */
  put(kind: string, namespace: string, object: KubernetesObject, there: boolean): ReadonlySet<string> {
    const key = `${kind}/${namespace}/${object.metadata.name}`
    const before = this.ways.get(key) ?? []
    for (const way of before) {
      drop(this.byService, serviceKey(way), way)
      drop(this.byHost, way.host ?? '', way)
      if (way.gateways.length > 0) this._gated -= 1
    }
    const now = there ? waysOf(kind, object) : []
    if (now.length === 0) this.ways.delete(key)
    else this.ways.set(key, now)
    for (const way of now) {
      add(this.byService, serviceKey(way), way)
      add(this.byHost, way.host ?? '', way)
      if (way.gateways.length > 0) this._gated += 1
    }
    return new Set([...before, ...now].map(way => way.namespace))
  }

  to(namespace: string, service: string): Iterable<RouteWay> {
    return this.byService.get(`${namespace}/${service}`) ?? []
  }

  gatedNamespaces(): ReadonlySet<string> {
    const found = new Set<string>()
    for (const ways of this.ways.values())
      for (const way of ways) if (way.gateways.length > 0) found.add(way.namespace)
    return found
  }

  /** The way that a request takes: the exact host before one with a star, the longest path before others. */
  find(host: string, path: string): RouteWay | undefined {
    const name = host.toLowerCase()
    const exact = best(this.byHost.get(name), path)
    if (exact !== undefined) return exact
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const below = best(this.byHost.get(`*${name.slice(dot)}`), path)
      if (below !== undefined) return below
    }
    return undefined
  }

  static {
    keptWhole(RouteTable, 'graph/route-table', 1)
  }
}

const serviceKey = (way: RouteWay): string => `${way.namespace}/${way.service}`

function add(into: Map<string, Set<RouteWay>>, key: string, way: RouteWay): void {
  const known = into.get(key)
  if (known === undefined) into.set(key, new Set([way]))
  else known.add(way)
}

function drop(from: Map<string, Set<RouteWay>>, key: string, way: RouteWay): void {
  const known = from.get(key)
  if (known?.delete(way) === true && known.size === 0) from.delete(key)
}

function best(ways: ReadonlySet<RouteWay> | undefined, path: string): RouteWay | undefined {
  let found: RouteWay | undefined
  for (const way of ways ?? []) {
    if (!fits(way, path)) continue
    const order =
      found === undefined
        ? 1
        : Number(way.path?.exact ?? false) - Number(found.path?.exact ?? false) ||
          (way.path?.value.length ?? 0) - (found.path?.value.length ?? 0) ||
          // Two that say the same: the same one every time.
          (serviceKey(way) < serviceKey(found) ? 1 : -1)
    if (order > 0) found = way
  }
  return found
}

function fits({ path: wanted }: RouteWay, path: string): boolean {
  if (wanted === undefined) return true
  const { value, exact } = wanted
  if (exact) return path === value
  // `/api` is the way to `/api` and `/api/x`, not to `/apis`.
  return (
    path.startsWith(value) &&
    (value.endsWith('/') || path.length === value.length || path[value.length] === '/')
  )
}
