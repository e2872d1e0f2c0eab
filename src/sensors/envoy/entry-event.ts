import type { FlowEvent } from '../../call/flow-event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Workload } from '../../call/workload.ts'
import type { CommonEntry, EnvoyAddress, EnvoyNode, HttpEntry, TcpEntry } from './access-log-entry.ts'

/** The workload of a proxy: as Istio's metadata says, else its node id, else its cluster. Empty where it says nothing. */
export function workloadOfNode(node: EnvoyNode | undefined): Workload {
  if (node === undefined) return {}
  const said = (name: string): string | undefined => node.metadata.get(name) || undefined
  // `sidecar~10.0.0.7~orders-5d4f-x2x.shop~shop.svc.cluster.local`
  const place = /^(?:sidecar|router|waypoint)~[^~]{1,64}~([^~.]{1,253})\.([^~.]{1,253})~/.exec(node.id)
  const namespace = said('NAMESPACE') ?? place?.[2]
  const name = said('WORKLOAD_NAME') ?? nameOfCluster(node.cluster)
  const pod = said('NAME') ?? place?.[1]
  const cluster = said('CLUSTER_ID')
  const serviceAccount = said('SERVICE_ACCOUNT')
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(pod === undefined ? {} : { pod }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
  }
}

/** Istio calls a proxy's cluster `orders.shop`. */
const nameOfCluster = (cluster: string): string | undefined =>
  cluster === '' ? undefined : cluster.split('.', 1)[0]

/** `spiffe://cluster.local/ns/shop/sa/orders`. */
export function workloadOfPeer(name: string | undefined): Workload | undefined {
  const match = /^spiffe:\/\/[^/]{1,253}\/ns\/([^/]{1,253})\/sa\/([^/]{1,253})$/.exec(name ?? '')
  return match === null ? undefined : { namespace: match[1]!, serviceAccount: match[2]! }
}

/** Which way a proxy beside a workload looked: Istio says so in the name of the cluster. */
const sideOf = (common: CommonEntry): 'inbound' | 'outbound' | undefined =>
  common.upstreamCluster.startsWith('inbound|')
    ? 'inbound'
    : common.upstreamCluster.startsWith('outbound|')
      ? 'outbound'
      : undefined

const isSidecar = (node: EnvoyNode | undefined): boolean => node?.id.startsWith('sidecar~') === true

/** The end that answered: the upstream, or, where that is the proxy's own machine, the address that was called. */
const answerer = ({ upstream, local }: CommonEntry): EnvoyAddress | undefined =>
  upstream === undefined || /^(?:127\.|::1$)/.test(upstream.ip) ? (local ?? upstream) : upstream

/** The call that an entry tells of. Bodies are not in it, only their sizes. */
export function callOfEntry(entry: HttpEntry, node: EnvoyNode | undefined, id: string): RawExchange {
  const { common } = entry
  const own = workloadOfNode(node)
  const side = sideOf(common)
  const named = Object.keys(own).length > 0
  const caller = isSidecar(node) && side === 'outbound' && named ? own : workloadOfPeer(common.peerName)
  const to = answerer(common)
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(
    entry.requestHeaders.find(([name]) => name === 'traceparent')?.[1] ?? '',
  )
  return {
    id,
    time: Math.floor(common.time),
    ...(common.durationMs === undefined ? {} : { durationMs: common.durationMs }),
    source: { ...common.remote, ...(caller === undefined ? {} : { workload: caller }) },
    destination: {
      host: entry.authority || common.serverName || to?.ip || 'unknown',
      ...to,
      ...(common.tlsVersion === undefined ? {} : { tls: common.tlsVersion }),
      ...(isSidecar(node) && side === 'inbound' && named ? { workload: own } : {}),
    },
    request: {
      method: entry.method,
      target: entry.path || '/',
      httpVersion: entry.version,
      headers: entry.requestHeaders,
      ...(entry.requestBytes === 0 ? {} : { body: sized(entry.requestBytes) }),
    },
    ...(entry.status >= 100 && entry.status <= 999
      ? {
          response: {
            status: entry.status,
            headers: entry.responseHeaders,
            ...(entry.responseBytes === 0 ? {} : { body: sized(entry.responseBytes) }),
          },
        }
      : {}),
    ...(trace === null ? {} : { trace: { traceId: trace[1]!, parentSpanId: trace[2]! } }),
    extra: { envoy: aboutProxy(entry, node) },
  }
}

/** A body that was not logged: only how long it was. */
const sized = (size: number) => ({ bytes: new Uint8Array(0), size, truncated: false })

function aboutProxy({ common, requestId }: HttpEntry, node: EnvoyNode | undefined) {
  const { upstreamCluster, routeName, flags, peerName } = common
  return {
    ...(node === undefined || node.id === '' ? {} : { node: node.id }),
    ...(upstreamCluster === '' ? {} : { upstreamCluster }),
    ...(routeName === '' ? {} : { route: routeName }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(peerName === undefined ? {} : { peer: peerName }),
    ...(requestId === '' ? {} : { requestId }),
  }
}

/** The connection that an entry tells of; undefined where it names no other end. */
export function flowOfEntry(entry: TcpEntry, node: EnvoyNode | undefined, id: string): FlowEvent | undefined {
  const { common } = entry
  const own = workloadOfNode(node)
  const inbound = sideOf(common) === 'inbound'
  const to = answerer(common)
  const from = common.directRemote ?? common.remote
  const shared = {
    type: 'flow' as const,
    id,
    time: Math.floor(common.time),
    protocol: common.tlsVersion === undefined ? 'tcp' : 'tls',
    bytes: entry.received + entry.sent,
    ...(common.flags.includes('UAEX') ? { outcome: 'blocked' } : {}),
    source: 'envoy',
  }
  if (inbound || (isSidecar(node) && from !== undefined && sideOf(common) === undefined)) {
    if (from === undefined) return undefined
    const caller = workloadOfPeer(common.peerName)
    return {
      ...shared,
      workload: own,
      direction: 'ingress',
      peer: { ip: from.ip, port: from.port, ...(caller === undefined ? {} : { workload: caller }) },
    }
  }
  if (to === undefined) return undefined
  // A proxy of its own stands for who calls through it where nothing else is known.
  const host = common.serverName ?? hostOfCluster(common.upstreamCluster)
  return {
    ...shared,
    workload: Object.keys(own).length > 0 ? own : { name: from?.ip ?? 'envoy' },
    direction: 'egress',
    peer: { ...(host === undefined ? {} : { host }), ip: to.ip, port: to.port },
  }
}

/** `outbound|5432||orders-db.shop.svc.cluster.local`. */
const hostOfCluster = (cluster: string): string | undefined => {
  const host = cluster.startsWith('outbound|') ? cluster.split('|', 5)[3] : undefined
  return host === undefined || host === '' ? undefined : host.toLowerCase()
}
