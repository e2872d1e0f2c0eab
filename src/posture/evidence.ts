import type { Graph } from '../graph/graph.ts'
import type { NodeId } from '../graph/node.ts'
import type { Use, UseDay } from '../graph/uses/use.ts'
import type { Sliced } from '../kit/sliced.ts'
import { type EndpointParts, endpointParts, isPlainEndpoint } from './endpoint-parts.ts'
import type { ClusterFacts, GrantedRole } from './facts.ts'
import { Parties, type Party, portOfStore } from './party.ts'
import { type Seen, seenIn } from './seen.ts'
import { dayOf, type LearningOptions } from './window.ts'

/** A connection between the workload and another end. */
export interface Connection {
  readonly seen: Seen
  readonly peer: Party
  /** Of the end that was connected to, as its pods know it. Absent where nobody told it. */
  readonly port?: number
  /** Nobody told the port: it is the usual one. */
  readonly portAssumed?: true
  readonly transport: 'TCP' | 'UDP'
  /** What was spoken, where it was told: `http`, `postgresql` …; sorted. */
  readonly protocols: readonly string[]
}

/** Somebody asked an endpoint that the workload serves. */
export interface Asked {
  readonly seen: Seen
  readonly caller: Party
  /** As identity names callers, `service:billing` or `user:*`; absent where nobody in particular asked. */
  readonly principal?: string
  readonly endpoint: EndpointParts
  readonly port?: number
}

/** A program that ran, or a file that was opened. */
export interface Touched {
  readonly seen: Seen
  readonly path: string
  readonly writes: boolean
}

/** A right of the workload's account that was made use of. */
export interface Exercised {
  readonly seen: Seen
  readonly verb: string
  readonly resource: string
  /** `*` where it was asked across namespaces. */
  readonly namespace: string
  /** Absent of a whole list. */
  readonly name?: string
}

/** All that was seen of one workload. Lists are in the order of their names. */
export interface Evidence {
  readonly subject: Party
  readonly options: LearningOptions
  readonly inbound: readonly Connection[]
  readonly outbound: readonly Connection[]
  readonly asked: readonly Asked[]
  readonly ran: readonly Touched[]
  readonly opened: readonly Touched[]
  /** Roles of its account, and what was made of them where an audit log tells. */
  readonly granted: readonly GrantedRole[]
  readonly exercised: readonly Exercised[]
  /** An audit log of the API server was read: what it does not tell of did not happen. */
  readonly audited: boolean
  /** Days of the window on which anything of it was seen. */
  readonly seenDays: number
  /** Ports that it is said to listen on, by its orchestrator; sorted. */
  readonly listens: readonly number[]
  /** Hosts whose endpoints only it answers for; sorted. */
  readonly ownHosts: readonly string[]
}

/** Uses that are read before the thread may be left to others. */
const usesAtOnce = 200

/** Reads the uses of a graph once, for as many workloads as are asked about. */
export class EvidenceReader {
  readonly #graph: Graph
  readonly #facts: ClusterFacts
  readonly #parties: Parties
  readonly #bySubject = new Map<NodeId, Use[]>()
  readonly #rights = new Map<NodeId, Use[]>()
  #auditedAt = Number.NEGATIVE_INFINITY
  readonly #serversOf = new Map<string, Set<NodeId | undefined>>()

  private constructor(graph: Graph, facts: ClusterFacts) {
    this.#graph = graph
    this.#facts = facts
    this.#parties = new Parties(graph, facts)
  }

  static *read(graph: Graph, facts: ClusterFacts): Sliced<EvidenceReader> {
    const reader = new EvidenceReader(graph, facts)
    const uses = yield* graph.uses.reading(id => graph.named(id))
    for (const [index, use] of uses.entries()) {
      reader.#add(use)
      if (index % usesAtOnce === 0) yield
    }
    return reader
  }

  #add(use: Use): void {
    if (use.kind === 'exercises') {
      this.#auditedAt = Math.max(this.#auditedAt, use.lastSeen)
      const rights = this.#rights.get(use.from!)
      if (rights === undefined) this.#rights.set(use.from!, [use])
      else rights.push(use)
      return
    }
    const subjects = new Set<NodeId>()
    if (use.kind === 'asks') {
      const server = use.server ?? this.#serverOf(use.to as NodeId)
      if (server !== undefined) subjects.add(server)
      const host = endpointParts(use.to)?.host
      if (host !== undefined) {
        const servers = this.#serversOf.get(host) ?? new Set()
        this.#serversOf.set(host, servers.add(server))
      }
    } else {
      if (use.from?.startsWith('workload:') === true) subjects.add(use.from)
      if (use.kind === 'connects') {
        const near =
          use.from?.startsWith('workload:') === true ? this.#parties.workload(use.from).namespace : undefined
        const { node } = this.#parties.of(use.to as NodeId, near)
        if (node?.startsWith('workload:') === true) subjects.add(node)
      }
    }
    for (const subject of subjects) {
      const list = this.#bySubject.get(subject)
      if (list === undefined) this.#bySubject.set(subject, [use])
      else list.push(use)
    }
  }

  /** The workload that answers an endpoint, where it is one only. */
  #serverOf(endpoint: NodeId): NodeId | undefined {
    const servers = this.#graph.outOf(endpoint, { kinds: ['serves'] })
    return servers.length === 1 ? servers[0]!.to : undefined
  }

  of(node: NodeId, options: LearningOptions): Evidence {
    const uses = this.#bySubject.get(node) ?? []
    const subject = this.#parties.workload(node)
    const inbound: Use[] = []
    const outbound: Use[] = []
    const asked: Asked[] = []
    const ran: Touched[] = []
    const opened: Touched[] = []
    for (const use of uses) {
      if (use.kind === 'asks') asked.push(...this.#asked(use, subject, options))
      else if (use.kind === 'connects') (use.from === node ? outbound : inbound).push(use)
      else {
        const seen = seenIn(use, [use.to], options)
        if (seen !== undefined)
          (use.kind === 'runs' ? ran : opened).push({ seen, path: use.to, writes: use.writes === true })
      }
    }
    const account =
      subject.serviceAccount === undefined
        ? undefined
        : `${subject.namespace ?? ''}/${subject.serviceAccount}`
    const rights = this.#rights.get(`identity:service-account:${account}`) ?? []
    return {
      subject,
      options,
      granted: account === undefined ? [] : (this.#facts.rolesOf?.(account) ?? []),
      exercised: rights.flatMap(use => exercised(use, options)),
      audited: dayOf(this.#auditedAt) > dayOf(options.until) - options.days,
      inbound: this.#connections(inbound, subject, 'in', options),
      outbound: this.#connections(outbound, subject, 'out', options),
      asked,
      ran,
      opened: oneEach(opened),
      seenDays: seenDays([...uses, ...rights], options),
      listens: [...(this.#facts.workload(node)?.ports ?? [])].sort((a, b) => a - b),
      ownHosts: [...this.#serversOf]
        .filter(([, servers]) => servers.size === 1 && servers.has(node))
        .map(([host]) => host)
        .sort(),
    }
  }

  #asked(use: Use, subject: Party, options: LearningOptions): readonly Asked[] {
    const endpoint = endpointParts(use.to)
    if (endpoint === undefined) return []
    const caller = this.#parties.of(use.from, subject.namespace)
    const names = [caller.name, use.principal ?? '', `${endpoint.method} ${endpoint.template}`]
    const told = seenIn(use, names, options)
    if (told === undefined) return []
    const odd = told.standing === 'kept' && !isPlainEndpoint(endpoint)
    const seen: Seen = odd ? { ...told, standing: 'odd' } : told
    const port = this.#portOf(subject.node, use.port)
    return [
      {
        seen,
        caller,
        endpoint,
        ...(use.principal === undefined ? {} : { principal: use.principal }),
        ...(port === undefined ? {} : { port }),
      },
    ]
  }

  /** One for each other end and port: sensors may tell of the same connection under different names. */
  #connections(
    uses: readonly Use[],
    subject: Party,
    direction: 'in' | 'out',
    options: LearningOptions,
  ): readonly Connection[] {
    const groups = new Map<string, Omit<Connection, 'seen' | 'protocols'> & { uses: Use[] }>()
    for (const use of uses) {
      const other = direction === 'in' ? use.from : (use.to as NodeId)
      const peer = this.#parties.of(other, subject.namespace, use.addresses)
      const store =
        use.port === undefined && direction === 'out' ? portOfStore(use.to.slice('store:'.length)) : undefined
      const port = this.#portOf(direction === 'in' ? subject.node : peer.node, use.port ?? store?.port)
      const transport = use.protocol === 'udp' || use.protocol === 'dns' ? 'UDP' : 'TCP'
      const key = [peer.node ?? peer.kind, peer.name, port, transport].join(' ')
      const group = groups.get(key)
      if (group === undefined)
        groups.set(key, {
          peer,
          transport,
          uses: [use],
          ...(port === undefined ? {} : { port }),
          ...(store?.assumed === true ? { portAssumed: true } : {}),
        })
      else group.uses.push(use)
    }
    return [...groups.values()]
      .flatMap(({ uses: same, peer, ...rest }) => {
        const use = joined(same)
        const seen = seenIn(use, [peer.name, peer.host ?? '', peer.node ?? ''], options)
        if (seen === undefined) return []
        const protocols = [...new Set(same.flatMap(({ protocol }) => protocol ?? []))].sort()
        const addresses = [
          ...new Set([...(peer.addresses ?? []), ...same.flatMap(one => one.addresses)]),
        ].sort()
        return [{ ...rest, seen, protocols, peer: peer.kind === 'host' ? { ...peer, addresses } : peer }]
      })
      .sort((a, b) => order(a.peer.name, b.peer.name) || (a.port ?? 0) - (b.port ?? 0))
  }

  #portOf(node: NodeId | undefined, port: number | undefined): number | undefined {
    if (port === undefined || node === undefined) return port
    return this.#facts.targetPort?.(node, port) ?? port
  }
}

function exercised(use: Use, options: LearningOptions): readonly Exercised[] {
  const seen = seenIn(use, [use.to], options)
  const [resource = '', namespace = '*', ...name] = use.to.split('/')
  if (seen === undefined) return []
  return [
    {
      seen,
      verb: use.protocol ?? '',
      resource,
      namespace,
      ...(name.length === 0 ? {} : { name: name.join('/') }),
    },
  ]
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Uses of the same thing as one: sums by the day of what one sensor tells, the most of what several tell. */
function joined(uses: readonly Use[]): Use {
  const [first] = uses as readonly [Use]
  if (uses.length === 1) return first
  const byProtocol = new Map<string | undefined, Map<number, UseDay>>()
  for (const { protocol, days } of uses) {
    const sums = byProtocol.get(protocol) ?? new Map<number, UseDay>()
    byProtocol.set(protocol, sums)
    for (const { day, count, refused } of days) {
      const sum = sums.get(day)
      sums.set(day, { day, count: count + (sum?.count ?? 0), refused: refused + (sum?.refused ?? 0) })
    }
  }
  const days = new Map<number, UseDay>()
  for (const sums of byProtocol.values())
    for (const [day, told] of sums) {
      const most = days.get(day)
      if (most === undefined || told.count - told.refused > most.count - most.refused) days.set(day, told)
    }
  return {
    ...first,
    firstSeen: Math.min(...uses.map(({ firstSeen }) => firstSeen)),
    lastSeen: Math.max(...uses.map(({ lastSeen }) => lastSeen)),
    days: [...days.values()].sort((a, b) => a.day - b.day),
  }
}

/** A file that was read and written is one. */
function oneEach(files: readonly Touched[]): readonly Touched[] {
  const found = new Map<string, Touched>()
  for (const file of files) {
    const before = found.get(file.path)
    if (before === undefined) found.set(file.path, file)
    else {
      const writing = before.writes ? before : file
      const other = before.writes ? file : before
      // Written only where writing is to stay.
      found.set(file.path, writing.seen.standing === 'kept' ? writing : other)
    }
  }
  return [...found.values()]
}

function seenDays(uses: readonly Use[], { days, until }: LearningOptions): number {
  const last = dayOf(until)
  const seen = new Set<number>()
  for (const use of uses) for (const { day } of use.days) if (day <= last && day > last - days) seen.add(day)
  return seen.size
}
