import { isIP } from 'node:net'
import type { Graph } from '../graph/graph.ts'
import { internet, type NodeId, nodeId, readNodeId } from '../graph/node.ts'
import { portIn, withoutPort } from '../graph/uses/port.ts'
import type { ClusterFacts, Labels } from './facts.ts'

/**
 * One end of what was seen, as policies name it.
 *
 * - `workload`: pods, by labels
 * - `outside`: anybody beyond the cluster
 * - `host`: a machine by name or address
 * - `unnamed`: somebody inside whom no sensor named
 */
export interface Party {
  readonly kind: 'workload' | 'outside' | 'host' | 'unnamed'
  readonly node?: NodeId
  /** How it is called in sentences. */
  readonly name: string
  readonly namespace?: string
  /** Labels of its pods. */
  readonly labels?: Labels
  /** Nobody told the labels: they are the usual ones. */
  readonly labelsAssumed?: true
  /** Absent where nobody told it. */
  readonly serviceAccount?: string
  /** It is the API server of the cluster: no pod, and it has no name that policies know. */
  readonly apiServer?: true
  /** Of a host: its name where it has one. */
  readonly host?: string
  /** Of a host: addresses it was met at, sorted. */
  readonly addresses?: readonly string[]
}

/** Ports that stores listen on unless told otherwise (IANA, or the vendor's default). */
const usualPorts: Readonly<Record<string, number>> = {
  postgresql: 5432,
  postgres: 5432,
  mysql: 3306,
  mariadb: 3306,
  mssql: 1433,
  oracle: 1521,
  mongodb: 27017,
  redis: 6379,
  memcached: 11211,
  cassandra: 9042,
  elasticsearch: 9200,
  opensearch: 9200,
  kafka: 9092,
  rabbitmq: 5672,
  nats: 4222,
  clickhouse: 8123,
  couchdb: 5984,
  neo4j: 7687,
  etcd: 2379,
}

/** The port a store listens on unless told otherwise. */
export const usualPort = (system: string): number | undefined => usualPorts[system.toLowerCase()]

/** Says who is behind a node. */
export class Parties {
  readonly #graph: Graph
  readonly #facts: ClusterFacts
  readonly #namespaces: ReadonlySet<string>

  constructor(graph: Graph, facts: ClusterFacts) {
    this.#graph = graph
    this.#facts = facts
    const namespaces = new Set<string>()
    for (const { kind, facts: known } of graph.allNodes())
      if (kind === 'workload' && known.namespace !== undefined) namespaces.add(known.namespace)
    this.#namespaces = namespaces
  }

  /**
   * @param near The namespace of the other end: short names of services are read from there.
   * @param addresses At which a host was met.
   */
  of(id: NodeId | undefined, near: string | undefined, addresses: readonly string[] = []): Party {
    if (id === undefined) return { kind: 'unnamed', name: 'somebody inside whom no sensor named' }
    if (id === internet) return { kind: 'outside', node: id, name: 'the internet' }
    const read = readNodeId(id)
    if (read?.kind === 'workload') return this.workload(id)
    if (read?.kind === 'store') return this.#named(id, hostOfStore(read.name), near, addresses)
    return this.#named(id, withoutPort(read?.name ?? id), near, addresses)
  }

  workload(id: NodeId): Party {
    const name = readNodeId(id)?.name ?? id
    const parts = name.split('/')
    const namespace = this.#graph.factsOf(id)?.namespace ?? (parts.length > 1 ? parts.at(-2) : undefined)
    const { labels, serviceAccount } = this.#facts.workload(id) ?? {}
    return {
      kind: 'workload',
      node: id,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined
        ? { labels: { app: labelValue(parts.at(-1) ?? name) }, labelsAssumed: true as const }
        : { labels }),
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
    }
  }

  #named(id: NodeId, host: string, near: string | undefined, addresses: readonly string[]): Party {
    if (/^kubernetes(?:\.default(?:\.svc(?:\.cluster\.local)?)?)?$/.test(host))
      return { kind: 'host', node: id, name: 'the API server', apiServer: true, addresses: [] }
    const behind = this.#facts.behind?.(host, near)
    if (behind !== undefined) return this.workload(behind)
    if (isIP(host) !== 0) return { kind: 'host', node: id, name: host, addresses: [host] }
    const inside = this.#insideName(host, near)
    if (inside !== undefined) {
      const found = this.#graph.names.lookup(`${inside.namespace}/${inside.name}`)
      if (this.#graph.get(nodeId('workload', found)) !== undefined)
        return this.workload(nodeId('workload', found))
      return {
        kind: 'workload',
        node: id,
        name: `${inside.namespace}/${inside.name}`,
        namespace: inside.namespace,
        labels: { app: labelValue(inside.name) },
        labelsAssumed: true,
      }
    }
    return {
      kind: 'host',
      node: id,
      name: host,
      host,
      addresses: addresses.filter(address => isIP(address) !== 0),
    }
  }

  /** The service that a name inside the cluster means: `orders`, `orders.shop`, `orders.shop.svc.cluster.local`. */
  #insideName(
    host: string,
    near: string | undefined,
  ): { readonly namespace: string; readonly name: string } | undefined {
    const [name = '', namespace, kind] = host.split('.', 4)
    if (name === '' || name === 'localhost') return undefined
    if (namespace === undefined) return near === undefined ? undefined : { namespace: near, name }
    if (kind === 'svc') return { namespace, name }
    return kind === undefined && this.#namespaces.has(namespace) ? { namespace, name } : undefined
  }
}

/** The host of `system://host/namespace/collection`; empty where the store has none. */
function hostOfStore(name: string): string {
  const after = name.slice(name.indexOf('://') + 3)
  return withoutPort(after.split('/', 1)[0] ?? '')
}

/** Where a store listens, by its name: the port in it, else the usual one of its kind. */
export function portOfStore(name: string): { readonly port: number; readonly assumed: boolean } | undefined {
  const mark = name.indexOf('://')
  if (mark < 0) return undefined
  const written = portIn(name.slice(mark + 3).split('/', 1)[0] ?? '')
  if (written !== undefined) return { port: written, assumed: false }
  const usual = usualPort(name.slice(0, mark))
  return usual === undefined ? undefined : { port: usual, assumed: true }
}

/** A name as the value of a label may be: at most 63 letters, digits, `-`, `_`, `.`, letters or digits at both ends. */
export const labelValue = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '')
