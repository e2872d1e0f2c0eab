import type { StoreAccess } from '../../call/access.ts'
import type { ApiCall } from '../../call/api-call.ts'
import type { FlowEvent } from '../../call/flow-event.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { type NodeId, nodeId } from '../node.ts'
import { portIn } from './port.ts'
import type { UseKey } from './use.ts'
import type { UseTable } from './use-table.ts'

/** Kinds of principals that stand for software; of the others there are too many to tell apart. */
const software: ReadonlySet<string> = new Set(['service', 'agent'])

/** Who a call is from, as finely as policies name callers: `service:billing`, `user:*`. */
export function callerOf(principal: string | undefined): string | undefined {
  if (principal === undefined) return undefined
  const colon = principal.indexOf(':')
  const kind = principal.slice(0, colon)
  return colon < 0 || software.has(kind) ? principal : `${kind}:*`
}

export interface AskedEnds {
  /** A workload's node, or `internet`. */
  readonly from: NodeId | undefined
  readonly endpoint: NodeId
  readonly server: NodeId | undefined
  readonly principal: string | undefined
  readonly refused: boolean
  /** Another operation of a call that was recorded. */
  readonly further: boolean
  /** Where nothing of ours answered: the host that did. */
  readonly host: NodeId | undefined
}

/** Writes down who used what, as events say it. */
export class UseRecorder {
  private readonly uses: UseTable

  constructor(uses: UseTable) {
    this.uses = uses
  }

  call(call: ApiCall, { from, endpoint, server, principal, refused, further, host }: AskedEnds): void {
    const { time, source, destination } = call
    if (from !== undefined) this.label(from, source.workload?.labels)
    if (server !== undefined) this.label(server, destination.workload?.labels)
    const caller = callerOf(principal)
    const port = destination.port ?? portIn(destination.host)
    const asked: { -readonly [Part in keyof UseKey]: UseKey[Part] } = { kind: 'asks', to: endpoint }
    if (from !== undefined) asked.from = from
    if (port !== undefined) asked.port = port
    if (server !== undefined) asked.server = server
    if (caller !== undefined) asked.principal = caller
    this.uses.add(asked, time, { refused })
    const other = server ?? host
    if (further || from === undefined || other === undefined) return
    const place = port === undefined ? { from } : { from, port }
    this.uses.add({ kind: 'connects', to: other, ...place, protocol: 'http' }, time, {
      refused,
      ...(destination.ip === undefined ? {} : { address: destination.ip }),
    })
  }

  /** Without a host nobody knows where it connected to; what an API server holds is asked of that. */
  access({ time, store, workload: { labels } }: StoreAccess, workload: NodeId, to: NodeId): void {
    this.label(workload, labels)
    if (inApiServer(store.system)) {
      this.uses.add({ kind: 'connects', from: workload, to: apiServer, port: 443, protocol: 'https' }, time)
      return
    }
    if (store.host === undefined || store.host === '') return
    const port = portIn(store.host)
    this.uses.add(
      {
        kind: 'connects',
        from: workload,
        to,
        protocol: store.system,
        ...(port === undefined ? {} : { port }),
      },
      time,
    )
  }

  /** A right of an identity was made use of, as an API server's audit log tells. */
  right({ time, identity, store, operation }: StoreAccess): void {
    if (identity === undefined || operation === undefined || !inApiServer(store.system)) return
    const resource = store.system.slice(store.system.indexOf('.') + 1)
    const object = [
      resource,
      store.namespace ?? '*',
      ...(store.collection === undefined ? [] : [store.collection]),
    ]
    this.uses.add(
      {
        kind: 'exercises',
        from: nodeId('identity', identity),
        to: object.join('/'),
        protocol: operation.toLowerCase(),
      },
      time,
    )
  }

  flow(flow: FlowEvent, from: NodeId, to: NodeId): void {
    const { time, peer, protocol, direction, outcome, workload } = flow
    // The port is the peer's: of what the peer began, it is not the one that was connected to.
    const port = direction === 'egress' ? peer.port : undefined
    this.uses.add(
      {
        kind: 'connects',
        from,
        to,
        ...(port === undefined ? {} : { port }),
        ...(protocol === undefined ? {} : { protocol: protocol.toLowerCase() }),
      },
      time,
      {
        refused: isRefused(outcome),
        ...(peer.ip === undefined ? {} : { address: peer.ip }),
      },
    )
    this.label(direction === 'egress' ? from : to, workload.labels)
  }

  /** @param host Of a network event: the other end. */
  runtime(event: RuntimeEvent, workload: NodeId, host: NodeId | undefined): void {
    const { time, action, object, outcome, extra } = event
    this.label(workload, event.workload.labels)
    const refused = isRefused(outcome)
    if (action === 'network') {
      if (host === undefined) return
      const port = portIn(object ?? '')
      const ingress = extra?.direction === 'ingress'
      const protocol = typeof extra?.protocol === 'string' ? extra.protocol.toLowerCase() : undefined
      this.uses.add(
        {
          kind: 'connects',
          ...(ingress ? { from: host, to: workload } : { from: workload, to: host }),
          ...(port === undefined || ingress ? {} : { port }),
          ...(protocol === undefined ? {} : { protocol }),
        },
        time,
        { refused },
      )
      return
    }
    // An alert tells of what somebody holds for wrong: nothing to allow.
    if (object === undefined || !isAbsolute(object) || event.source === 'falco') return
    if (action === 'process') this.uses.add({ kind: 'runs', from: workload, to: object }, time, { refused })
    else if (action === 'file')
      this.uses.add(
        { kind: 'opens', from: workload, to: object, ...(mayWrite(extra) ? { writes: true } : {}) },
        time,
        { refused },
      )
  }

  private label(workload: NodeId, labels: Readonly<Record<string, string>> | undefined): void {
    if (labels !== undefined && Object.keys(labels).length > 0) this.uses.label(workload, labels)
  }

  static {
    keptWhole(UseRecorder, 'graph/use-recorder', 1)
  }
}

/** Where the API server of a cluster answers its pods. */
const apiServer = nodeId('host', 'kubernetes.default.svc')

const inApiServer = (system: string): boolean => system.startsWith('kubernetes.')

const isRefused = (outcome: string | undefined): boolean => outcome === 'blocked' || outcome === 'denied'

const isAbsolute = (path: string): boolean => path.startsWith('/') && !path.includes('\u0000')

const writingCalls =
  /^(?:write|pwrite|unlink|rename|creat|truncate|ftruncate|chmod|fchmod|chown|mkdir|rmdir|link|symlink|mknod)/

/** Whether a file was written to, as far as the sensor says; where it does not, it was read. */
function mayWrite(extra: RuntimeEvent['extra']): boolean {
  if (extra === undefined) return false
  if (extra.writes === true || extra.write === true) return true
  for (const name of ['syscall', 'operation', 'call', 'function']) {
    const said = extra[name]
    if (typeof said === 'string' && writingCalls.test(said.toLowerCase().replace(/^(?:sys_|__x64_sys_)/, '')))
      return true
  }
  return false
}
