import type { SallyportEvent } from '../../call/event.ts'
import type { FlowEvent } from '../../call/flow-event.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import type { Workload } from '../../call/workload.ts'
import type { Graph, NewEdge } from '../../graph/graph.ts'
import { hostIn, isWrite, serviceAccountName, storeName } from '../../graph/graph-builder.ts'
import { type NodeId, nodeId, readNodeId } from '../../graph/node.ts'
import { hostForm } from './host-form.ts'
import { fileOf, type ProcessKind, processOf } from './process-kind.ts'

/**
 * What an event amounts to, whichever sensor told it:
 *
 * - `remote-shell`, `shell`, `package-manager`, `network-tool`, `other`: a program was started
 * - `token-read`, `secret-read`, `system-write`: a file was touched that matters
 * - `egress`: the workload turned to `target` (a host or a workload); `metadata` where that is a cloud's metadata service
 * - `assumed`: the identity `target` was taken on or given out; `acted`: an identity did something
 * - `read`, `wrote`: a store was reached
 */
export type HappeningKind =
  | ProcessKind
  | 'token-read'
  | 'secret-read'
  | 'system-write'
  | 'egress'
  | 'metadata'
  | 'assumed'
  | 'acted'
  | 'read'
  | 'wrote'

export interface Happening {
  readonly kind: HappeningKind
  readonly time: number
  /** Id of the event or the call that tells it. */
  readonly event: string
  readonly workload?: NodeId
  readonly pod?: string
  readonly identity?: NodeId
  readonly trace?: string
  readonly target?: NodeId
  /** A program, a file, a host: what a sentence names. */
  readonly detail?: string
  /** What tells one habit of a workload from another, where that is more than `detail`. */
  readonly deed?: string
  /** The program that started it or did it, without its path, where a sensor says so. */
  readonly by?: string
  /** It was blocked or denied. */
  readonly refused: boolean
  /** A policy names it as allowed: somebody said that this may happen. */
  readonly allowed: boolean
  readonly rows?: number
  /** Edges that began with it. */
  readonly began: readonly NewEdge[]
}

const noEdges: readonly NewEdge[] = []

/** Nothing for a call that no known workload made, for declared resources, and for what says nothing. */
export function happeningsOf(
  event: SallyportEvent,
  graph: Graph,
  began: readonly NewEdge[],
): readonly Happening[] {
  if (event.type === 'call') {
    const from = graph.workloadId(event.source.workload)
    if (from === undefined) return []
    const to = graph.workloadId(event.destination.workload)
    const host = event.destination.host.replace(/:\d{1,5}$/, '')
    const turned = egressTo(host, to ?? nodeId('host', host))
    const base = {
      ...actorOf(event.source.workload, graph),
      time: event.time,
      event: event.id,
      ...traceOf(event.trace?.traceId),
      refused: event.response?.status === 403 || event.response?.status === 401,
      allowed: false,
      began,
    }
    const status = event.response?.status ?? 200
    const given = turned.kind === 'metadata' && status < 300 ? identityGivenAt(event.request.path) : undefined
    return [
      { ...base, ...turned },
      ...(given === undefined
        ? []
        : [{ ...base, kind: 'assumed' as const, target: nodeId('identity', given), detail: given }]),
    ]
  }
  if (event.type === 'resource') return []
  const base = {
    ...actorOf(event.workload, graph),
    time: event.time,
    event: event.id,
    refused: false,
    allowed: false,
    began,
  }
  if (event.type === 'access') {
    const target = nodeId('store', storeName(event.store))
    return [
      ...takenOn(base, event.identity, began),
      {
        ...base,
        ...(event.identity === undefined ? {} : { identity: nodeId('identity', event.identity) }),
        kind: isWrite(event.operation) ? 'wrote' : 'read',
        target,
        detail: readNodeId(target)?.name ?? target,
        ...(event.rows === undefined ? {} : { rows: event.rows }),
        ...traceOf(event.trace?.traceId),
      },
    ]
  }
  if (event.type === 'flow') return flowHappening(event, graph, base)
  if (event.type === 'runtime') return runtimeHappening(event, base)
  const identity = nodeId('identity', event.identity)
  const refused = event.outcome === 'denied'
  if (event.target !== undefined && takes.test(event.action)) {
    const target = nodeId('identity', event.target)
    return [{ ...base, kind: 'assumed', identity, target, detail: event.target, refused }]
  }
  if (event.action === 'assume')
    return [{ ...base, kind: 'assumed', identity, target: identity, detail: event.identity, refused }]
  return [{ ...base, kind: 'acted', identity, detail: event.identity, refused, began: noEdges }]
}

/**
 * Whose credentials the metadata service gives out at a path: a role's (AWS, "Retrieve security credentials from instance metadata"), a
 * service account's (Google Cloud, "About VM metadata").
 */
function identityGivenAt(path: string): string | undefined {
  const role = /^\/[\w.-]{1,32}\/meta-data\/iam\/security-credentials\/([\w+=,.@-]{1,64})\/?$/.exec(path)?.[1]
  if (role !== undefined) return `role:${role}`
  const account =
    /^\/computeMetadata\/v1\/instance\/service-accounts\/([\w.-]{1,64}@[\w.-]{1,200})\/(?:token|identity)$/.exec(
      path,
    )?.[1]
  return account === undefined ? undefined : `service-account:${account}`
}

/** A workload that acts as an identity for the first time has taken it on, whether or not an audit log says so. */
function takenOn(base: Base, identity: string | undefined, began: readonly NewEdge[]): readonly Happening[] {
  if (identity === undefined || base.workload === undefined) return []
  const target = nodeId('identity', identity)
  const edges = began.filter(({ kind, to }) => kind === 'runs-as' && to === target)
  return edges.length === 0 ? [] : [{ ...base, kind: 'assumed', target, detail: identity, began: edges }]
}

type Base = Pick<
  Happening,
  'time' | 'event' | 'refused' | 'allowed' | 'began' | 'workload' | 'pod' | 'identity'
>

function flowHappening(event: FlowEvent, graph: Graph, base: Base): readonly Happening[] {
  const { peer, direction } = event
  const refused = isRefused(event.outcome)
  const trace = traceOf(event.trace?.traceId)
  const other = graph.workloadId(peer.workload)
  const name = peer.host ?? peer.ip
  if (direction === 'egress') {
    if (other === undefined && name === undefined) return []
    const target = other ?? nodeId('host', (name ?? '').toLowerCase())
    return [{ ...base, ...egressTo(name, target), ...trace, refused }]
  }
  if (other === undefined || base.workload === undefined) return []
  return [
    {
      ...egressTo(undefined, base.workload),
      ...actorOf(peer.workload, graph),
      ...trace,
      time: base.time,
      event: base.event,
      allowed: false,
      began: base.began,
      refused,
    },
  ]
}

function runtimeHappening(event: RuntimeEvent, base: Base): readonly Happening[] {
  const refused = isRefused(event.outcome)
  const allowed = !refused && event.outcome === 'allowed' && event.policy !== undefined
  const action = event.action.toLowerCase()
  const said = (name: string): string => {
    const value = event.extra?.[name]
    return typeof value === 'string' ? value.slice(0, 500) : ''
  }
  if (action.includes('network') || action === 'connect') {
    if (said('direction') === 'ingress') return []
    if (reverseShell.test(event.policy ?? ''))
      return [{ ...base, kind: 'remote-shell', ...deedOf(said('program')), refused, allowed }]
    const target = base.began.find(({ to }) => to.startsWith('host:'))?.to ?? hostNode(event.object)
    if (target === undefined) return refused ? [{ ...base, kind: 'egress', refused, allowed }] : []
    return [{ ...base, ...egressTo(readNodeId(target)?.name, target), refused, allowed }]
  }
  if (action.includes('file') || action === 'open' || action === 'write') {
    const how = [
      action,
      said('operation'),
      said('function'),
      said('syscall'),
      said('flags'),
      event.policy ?? '',
    ]
    const kind = fileOf(event.object, changing.test(how.join(' ')))
    if (kind === 'other') return []
    const deed = kind === 'token' ? 'token-read' : kind === 'secret' ? 'secret-read' : 'system-write'
    return [{ ...base, kind: deed, ...deedOf(event.object, said('program')), refused, allowed }]
  }
  if (action.includes('process') || action === 'exec' || action === 'execve') {
    if (said('operation') === 'exit') return []
    const { kind, name } = processOf(event.object)
    const remote = reverseShell.test(event.policy ?? '') ? 'remote-shell' : kind
    return [{ ...base, kind: remote, ...deedOf(name, said('parent')), refused, allowed }]
  }
  return []
}

/** What rules of runtime sensors call a shell on a connection. */
const reverseShell = /reverse[ _-]?shell|redirect std(?:in|out)|shell[ _-]on[ _-]a[ _-]socket/i
/** Calls, open flags and names of rules that change a file. */
const changing =
  /write|create|creat\b|rename|unlink|chmod|chown|truncate|modif|O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)/i

/** A shell that a probe starts is another habit than one that a server starts. */
function deedOf(what: string | undefined, program = ''): Pick<Happening, 'detail' | 'deed' | 'by'> {
  const detail = (what ?? '').slice(0, 200) || 'a program'
  const by = program.slice(program.lastIndexOf('/') + 1)
  return { detail, deed: `${detail} by ${by}`, ...(by === '' ? {} : { by }) }
}

function egressTo(
  name: string | undefined,
  target: NodeId,
): { readonly kind: 'egress' | 'metadata'; readonly target: NodeId; readonly detail: string } {
  const kind = name !== undefined && hostForm(name)?.reach === 'metadata' ? 'metadata' : 'egress'
  return { kind, target, detail: name ?? readNodeId(target)?.name ?? target }
}

function actorOf(
  workload: Workload | undefined,
  graph: Graph,
): Pick<Happening, 'workload' | 'pod' | 'identity'> {
  const id = graph.workloadId(workload)
  if (workload === undefined || id === undefined) return {}
  const { pod, serviceAccount, namespace } = workload
  return {
    workload: id,
    ...(pod === undefined ? {} : { pod }),
    ...(serviceAccount === undefined
      ? {}
      : { identity: nodeId('identity', serviceAccountName(namespace, serviceAccount)) }),
  }
}

const traceOf = (trace: string | undefined): { readonly trace?: string } =>
  trace === undefined ? {} : { trace }

/** Actions that give an identity to somebody: to change one is another matter. */
const takes = /^(?:assume|issue|login|impersonate)$/i

const isRefused = (outcome: string | undefined): boolean =>
  outcome !== undefined && /^(?:blocked|denied|refused|dropped)$/i.test(outcome)

function hostNode(object: string | undefined): NodeId | undefined {
  const host = hostIn(object)
  return host === undefined ? undefined : nodeId('host', host.toLowerCase())
}
