import type { Observation } from '../../../baseline/observation.ts'
import type { Graph } from '../../../graph/graph.ts'
import { type NodeId, nodeId, readNodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId } from '../../../kit/id.ts'
import { Episode } from '../../episode.ts'
import { counted, whoIs } from '../../words.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import type { Happening } from '../happening.ts'
import { type HostReach, hostForm } from '../host-form.ts'
import { hostsNamed, type NamedHost } from '../request-hosts.ts'
import { servedBy } from '../sensitive.ts'

/** A call that named a host, until its workload can no longer turn to it. */
interface Asked {
  /** With its trace once that is known. */
  o: Observation
  readonly named: NamedHost
  /** Who answered, where that is known. */
  workload: NodeId | undefined
  told: boolean
}

/** What one caller tried at one endpoint with one kind of host. */
interface Series {
  readonly episode: Episode
  calls: number
  /** What came of it once it worked: later tries belong to it. */
  confirmed: GraphFinding | undefined
}

/** What a place of requests names. */
interface Field {
  values: number
  readonly callers: Set<string>
  readonly domains: Set<string>
}

const kept = 64
const reachWords = {
  metadata: "the cloud's metadata service",
  loopback: 'itself',
  'link-local': 'a link-local address',
  private: 'a private address',
  cluster: 'a service of the cluster',
  external: 'an outside host',
} as const

class SsrfEgressRun implements GraphDetectorRun {
  readonly #context: GraphContext
  /** By the workload that answered and by the trace: another workload of the trace may do the turning. */
  #asked: BoundedMap<string, Asked[]>
  #egress: BoundedMap<string, Happening[]>
  /** Callers whose calls of an endpoint led to a kind of host: some of them make it what the endpoint is for. */
  #ordinary: BoundedMap<string, Set<string>>
  #series: BoundedMap<string, Series>
  /** Endpoint and place → which domains were named there. */
  #fields: BoundedMap<string, Field>

  constructor(context: GraphContext) {
    this.#context = context
    this.#asked = new BoundedMap(context.option('workloads'))
    this.#egress = new BoundedMap(context.option('workloads'))
    this.#ordinary = new BoundedMap(context.option('endpoints'))
    this.#series = new BoundedMap(context.option('callers'))
    this.#fields = new BoundedMap(context.option('endpoints'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    for (const happening of moment.happenings) this.#turned(moment, happening, found)
    if (moment.observation !== undefined) this.#asks(moment, moment.observation, found)
    return found
  }

  traced(o: Observation, graph: Graph): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    const trace = traceKey(o.call.trace?.traceId)
    const waiting = this.#asked.peek(untraced(o)) ?? []
    this.#asked.delete(untraced(o))
    if (trace === undefined) return found
    for (const asked of waiting) {
      asked.o = o
      asked.workload ??= servedBy(graph, o)
      this.#note(this.#asked, trace, asked)
      this.#look(graph, asked, found)
    }
    return found
  }

  size(): number {
    return this.#asked.size + this.#egress.size + this.#ordinary.size + this.#series.size + this.#fields.size
  }

  #asks(moment: Moment, o: Observation, found: GraphFinding[]): void {
    const workload = servedBy(moment.graph, o)
    for (const named of hostsNamed(o.call)) {
      if (this.#context.excepted(named.form.host, o.identity.principal, o.match.endpoint)) continue
      const asked: Asked = { o, named, workload, told: false }
      if (workload !== undefined) this.#note(this.#asked, workload, asked)
      this.#note(this.#asked, traceKey(o.call.trace?.traceId) ?? untraced(o), asked)
      this.#look(moment.graph, asked, found)
      if (asked.told) continue
      const shown = o.learning ? undefined : shownBy(o, named)
      if (shown !== undefined) {
        asked.told = true
        this.#answered(o, named, workload, shown, found)
      } else if (!this.#strange(o, named, found) && !o.learning) this.#attempt(o, named, workload, found)
    }
  }

  #note<Item>(lists: BoundedMap<string, Item[]>, key: string, item: Item): void {
    const list = lists.ensure(key, () => [])
    list.push(item)
    if (list.length > kept) list.shift()
  }

  /** Did something turn to it already? */
  #look(graph: Graph, asked: Asked, found: GraphFinding[]): void {
    for (const key of [asked.workload, traceKey(asked.o.call.trace?.traceId)])
      for (const egress of key === undefined ? [] : (this.#egress.peek(key) ?? []))
        if (!asked.told && this.#follows(asked, egress)) this.#confirm(graph, asked, egress, found)
  }

  #turned(moment: Moment, happening: Happening, found: GraphFinding[]): void {
    const { workload, kind } = happening
    if (workload === undefined || (kind !== 'egress' && kind !== 'metadata')) return
    for (const key of [workload, traceKey(happening.trace)]) {
      if (key === undefined) continue
      this.#note(this.#egress, key, happening)
      for (const asked of this.#asked.peek(key) ?? [])
        if (!asked.told && this.#follows(asked, happening))
          this.#confirm(moment.graph, asked, happening, found)
    }
  }

  /** The workload turned to the host within some seconds of the call, or any workload did in its trace. */
  #follows({ o, named, workload }: Asked, egress: Happening): boolean {
    const after = egress.time - o.call.time
    const trace = o.call.trace?.traceId
    const near =
      workload === egress.workload &&
      after >= -this.#context.option('clockMs') &&
      after <= this.#context.option('withinMs')
    if (!near && (trace === undefined || trace !== egress.trace)) return false
    return isHost(named, egress)
  }

  #confirm(graph: Graph, asked: Asked, egress: Happening, found: GraphFinding[]): void {
    asked.told = true
    const { o, named } = asked
    const workload = egress.workload ?? asked.workload
    if (workload === undefined) return
    const { reach } = named.form
    const key = `${o.match.endpoint}\0${reach === 'external' ? 'external' : named.form.host}`
    const callers = this.#ordinary.ensure(key, () => new Set<string>())
    const ordinary = callers.size >= this.#context.option('ordinaryCallers')
    if (callers.size < kept && (o.learning || reach === 'external')) callers.add(o.identity.principal)
    if (o.learning || ordinary || reach === 'external') return
    const inner = reach === 'metadata' || reach === 'loopback' || reach === 'link-local'
    const endpoint = nodeId('endpoint', o.match.endpoint)
    const { series, key: name } = this.#seriesOf(o, reach)
    const finding: GraphFinding = {
      message: egress.refused ? 'blocked' : 'confirmed',
      at: Math.max(o.call.time, egress.time),
      observed: {
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
        at: named.at,
        host: named.form.host,
        what: reachWords[reach],
        workload: readNodeId(workload)?.name ?? workload,
        seconds: Math.round(Math.max(0, egress.time - o.call.time) / 100) / 10,
        disguised: named.form.disguised,
      },
      expected: { egress: 'the workload does not turn to hosts that its callers name' },
      attempt: egress.refused,
      confidence: named.form.disguised || inner || named.url ? 0.95 : 0.85,
      severity: reach === 'metadata' ? 'critical' : 'high',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id, callId(egress.event)],
      key: name,
      subjects: [workload],
      ...tracesOf(o, egress),
      way: [
        endpoint,
        ...(asked.workload === undefined || asked.workload === workload ? [] : [asked.workload]),
        workload,
        targetOf(graph, egress),
      ],
      attack: reach === 'metadata' ? ['T1190', 'T1552.005'] : ['T1190'],
    }
    if (series.confirmed === undefined || series.confirmed.attempt) series.confirmed = finding
    found.push(finding)
  }

  /** The answer holds what only the named place has: the workload turned to it, whether anybody saw that or not. */
  #answered(
    o: Observation,
    named: NamedHost,
    workload: NodeId | undefined,
    shown: string,
    found: GraphFinding[],
  ): void {
    const { reach, disguised, host } = named.form
    const { series, key } = this.#seriesOf(o, reach)
    const finding: GraphFinding = {
      message: 'answered',
      observed: {
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
        at: named.at,
        host,
        what: reachWords[reach],
        shown,
        disguised,
      },
      expected: { answer: 'nothing of the inside' },
      attempt: false,
      confidence: 0.95,
      severity: 'critical',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id],
      key,
      subjects: workload === undefined ? [] : [workload],
      ...tracesOf(o, undefined),
      way: workload === undefined ? [] : [nodeId('endpoint', o.match.endpoint), workload],
      attack: reach === 'metadata' ? ['T1190', 'T1552.005'] : ['T1190'],
    }
    if (series.confirmed === undefined || series.confirmed.attempt) series.confirmed = finding
    found.push(finding)
  }

  /**
   * A field that only ever named some few domains names another one: an address outside that the caller controls, to see whether the
   * server follows.
   */
  #strange(o: Observation, named: NamedHost, found: GraphFinding[]): boolean {
    if (named.form.reach !== 'external' || !named.url) return false
    const field = this.#fields.ensure(`${o.match.endpoint}\0${named.at}`, () => ({
      values: 0,
      callers: new Set(),
      domains: new Set(),
    }))
    const domain = named.form.host.split('.').slice(-2).join('.')
    const own =
      field.values >= this.#context.option('fieldValues') &&
      field.callers.size >= this.#context.option('fieldCallers') &&
      field.domains.size <= this.#context.option('fieldDomains')
    const strange = own && !field.domains.has(domain) && !o.learning
    if (o.outcome === 'success' && !strange) {
      field.values += 1
      if (field.callers.size < kept) field.callers.add(o.identity.principal)
      if (field.domains.size < kept) field.domains.add(domain)
    }
    if (!strange) return false
    const { series, key } = this.#seriesOf(o, 'external')
    series.calls += 1
    found.push({
      message: 'strange',
      observed: {
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
        at: named.at,
        host: named.form.host,
        times: counted(series.calls, 'call'),
      },
      expected: { domains: [...field.domains], values: field.values },
      attempt: true,
      confidence: 0.5,
      severity: 'low',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id],
      key,
      subjects: [],
      ...tracesOf(o, undefined),
      way: [],
      attack: ['T1190'],
    })
    return true
  }

  #seriesOf(o: Observation, reach: string): { readonly series: Series; readonly key: string } {
    const name = `${o.identity.principal}\0${o.match.endpoint}\0${reach}`
    const series = this.#series.ensure(name, () => ({
      episode: new Episode(o.call.time),
      calls: 0,
      confirmed: undefined,
    }))
    if (series.episode.touch(o.call.time)) {
      series.calls = 0
      series.confirmed = undefined
    }
    return { series, key: `${name}\0${series.episode.from}` }
  }

  #attempt(o: Observation, named: NamedHost, workload: NodeId | undefined, found: GraphFinding[]): void {
    const { reach, disguised, host } = named.form
    if (reach === 'external' || (!named.url && !disguised && reach !== 'metadata')) return
    const ordinary = this.#ordinary.peek(`${o.match.endpoint}\0${host}`)
    if ((ordinary?.size ?? 0) >= this.#context.option('ordinaryCallers')) return
    // A service that names another of its cluster hands on an address, as services do.
    if (o.call.source.workload !== undefined && (reach === 'cluster' || reach === 'private')) return
    const { series, key } = this.#seriesOf(o, reach)
    series.calls += 1
    if (series.confirmed !== undefined) {
      found.push({ ...series.confirmed, evidence: [o.call.id] })
      return
    }
    found.push({
      message: 'attempted',
      observed: {
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
        at: named.at,
        host,
        what: reachWords[reach],
        times: counted(series.calls, 'call'),
        disguised,
      },
      expected: { hosts: 'no address inside the network in this value' },
      attempt: true,
      confidence: reach === 'metadata' ? 0.8 : disguised ? 0.7 : 0.5,
      severity: reach === 'metadata' ? 'high' : 'low',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id],
      key,
      // An attempt says nothing of the workload: who shares it is no accomplice.
      subjects: [],
      ...tracesOf(o, undefined),
      way: workload === undefined ? [] : [nodeId('endpoint', o.match.endpoint), workload],
      attack: ['T1190'],
    })
  }

  save() {
    return {
      asked: this.#asked,
      egress: this.#egress,
      ordinary: this.#ordinary,
      series: this.#series,
      fields: this.#fields,
    }
  }

  load(saved: ReturnType<SsrfEgressRun['save']>): void {
    this.#asked = saved.asked
    this.#egress = saved.egress
    this.#ordinary = saved.ordinary
    this.#series = saved.series
    this.#fields = saved.fields
  }
}

const traceKey = (trace: string | undefined): string | undefined =>
  trace === undefined ? undefined : `trace:${trace}`

const untraced = ({ call }: Observation): string => `call:${call.id}`

/** Words that only the named place says, by where it stands. */
const insideWords: readonly (readonly [reaches: readonly HostReach[], words: readonly string[]])[] = [
  [
    ['metadata', 'link-local'],
    [
      'ami-id',
      'instance-id',
      'iam/security-credentials',
      'security-credentials',
      'accesskeyid',
      'secretaccesskey',
      'computemetadata',
      'service-accounts/default',
      'public-hostname',
      'instance-action',
      '"azenvironment"',
      'ram/security-credentials',
    ],
  ],
  [
    ['loopback', 'private', 'cluster', 'link-local'],
    [
      'redis_version',
      '"cluster_name"',
      '"apiversion"',
      '"kind":"status"',
      'serviceaccounttoken',
      'ssh-2.0-',
      '# help ',
      'etcdserver',
      'consul-',
      'server: uvicorn',
    ],
  ],
]

/** What of the named place the answer shows. */
function shownBy({ call, outcome }: Observation, { form }: NamedHost): string | undefined {
  const content = call.response?.content
  if (form.reach === 'external' || outcome !== 'success' || content === undefined) return undefined
  const text =
    content.kind === 'text' || content.kind === 'malformed'
      ? content.text
      : content.kind === 'json'
        ? JSON.stringify(content.value)
        : ''
  const lower = text.slice(0, 16_384).toLowerCase()
  for (const [reaches, words] of insideWords)
    if (reaches.includes(form.reach)) {
      const word = words.find(one => lower.includes(one))
      if (word !== undefined) return word
    }
  return undefined
}

function tracesOf(o: Observation, egress: Happening | undefined): { readonly traces?: readonly string[] } {
  const traces = [o.call.trace?.traceId, egress?.trace].filter(trace => trace !== undefined)
  return traces.length === 0 ? {} : { traces: [...new Set(traces)] }
}

const targetOf = (graph: Graph, { target, detail }: Happening): NodeId =>
  target !== undefined && graph.nodes.numberOf(target) !== undefined
    ? target
    : nodeId('host', detail ?? 'unknown')

/** Is what the workload turned to the host that was named: by address, by name, or the workload that the name belongs to? */
function isHost(named: NamedHost, { target, detail }: Happening): boolean {
  const { host } = named.form
  if (detail !== undefined && hostForm(detail)?.host === host) return true
  if (target === undefined) return false
  const read = readNodeId(target)
  if (read?.kind === 'host') return hostForm(read.name)?.host === host
  if (read?.kind !== 'workload') return false
  const [service = '', namespace] = host.split('.')
  const parts = read.name.split('/')
  if (parts.at(-1) !== service) return false
  return namespace === undefined || namespace === 'svc' || parts.length < 2 || parts.at(-2) === namespace
}

export const ssrfEgress = defineGraphDetector({
  id: 'ssrf-egress',
  title: 'A caller makes a workload turn to a host',
  summary:
    'Reads the hosts that requests name, in any notation, and watches whether the workload turns to them. A call that names an address inside the network and is followed by a connection to it is a server-side request forgery that worked; without one it is an attempt.',
  family: 'request-forgery',
  severity: 'high',
  owasp: ['API7:2023'],
  attack: ['T1190', 'T1552.005'],
  options: {
    withinMs: { default: 5_000, reason: 'A server follows a URL while it answers, or right after.' },
    clockMs: { default: 1_000, reason: 'Clocks of sensors differ by less than a second.' },
    ordinaryCallers: {
      default: 3,
      reason: 'Three callers in settled history whose URLs led there: the endpoint is for that.',
    },
    fieldValues: { default: 20, reason: 'Twenty addresses show which a field is for.' },
    fieldCallers: { default: 3, reason: 'Of three callers at least.' },
    fieldDomains: { default: 3, reason: 'A field that names more than three domains is for any.' },
    workloads: {
      default: 20_000,
      reason: 'Workloads and traces of which the last 64 calls and connections are kept.',
    },
    endpoints: { default: 20_000, reason: 'Endpoints and hosts of which callers are remembered.' },
    callers: { default: 20_000, reason: 'Callers whose attempts are counted.' },
  },
  exceptions: 'hosts, principals or endpoints',
  messages: {
    confirmed: '{who} named {host} in {at} of {endpoint}, and {workload} turned to it: {what}.',
    blocked: '{who} named {host} in {at} of {endpoint}, and {workload} was kept from turning to it: {what}.',
    answered:
      '{who} named {host} in {at} of {endpoint}, and the answer shows what only {what} says: {shown}.',
    strange: '{who} named {host} in {at} of {endpoint} in {times}, where only {domains} were named before.',
    attempted: '{who} named {what} ({host} in {at}) in {times} to {endpoint}; nothing turned to it.',
  },
  whenNotAnAttack:
    'The endpoint is meant to fetch from inside the network (a health check of services, a callback between them).',
  examples: {
    fires: [
      `mallory to=shop/importer POST /imports body={"url":"http://169.254.169.254/latest/meta-data/"} every 200ms -> 200
shop/importer connects 169.254.169.254`,
      `mallory to=shop/web trace=t1 POST /imports body={"url":"http://169.254.169.254/"} every 200ms -> 200
shop/importer connects 169.254.169.254 trace=t1`,
      `mallory to=shop/importer GET /preview?src=http://0xa9fea9fe/latest every 200ms -> 200
shop/importer dials 169.254.169.254:80`,
      `mallory to=shop/importer GET /preview?src=http://admin.ops.svc.cluster.local/ every 200ms -> 200
shop/importer connects ops/admin`,
      'mallory GET /preview?src=http://0xa9fea9fe/latest/meta-data/ -> 200 {"text":"ami-id hostname instance-id"}',
      `learn ann,bob,carol,dave to=shop/importer POST /imports body={"url":"https://cdn.shop.example/{self}.png"} x 6 -> 200
mallory to=shop/importer POST /imports body={"url":"https://drop.evil.example.net/x"} -> 200`,
    ],
    quiet: [
      `alice to=shop/importer POST /imports body={"url":"https://files.example/a.csv"} every 200ms -> 200
shop/importer connects files.example`,
      `alice to=shop/firewall POST /rules body={"address":"10.0.0.7"} every 200ms -> 201
shop/firewall connects shop/store`,
      `learn ann,bob,carol to=shop/status GET /check?url=http://orders.shop.svc/health every 200ms -> 200
shop/status connects shop/orders
wait 1d
dave to=shop/status GET /check?url=http://orders.shop.svc/health every 200ms -> 200
shop/status connects shop/orders`,
    ],
  },
  create: context => new SsrfEgressRun(context),
})
