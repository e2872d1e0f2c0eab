import { isIP } from 'node:net'
import type { KubernetesObject } from '../../call/resource-event.ts'
import { workloadLabel } from '../../catalog/ownership/workload-labels.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { internet, type NodeFacts, type NodeId, nodeId } from '../node.ts'
import { serviceAccountName } from '../service-account-name.ts'
import { workloadName } from '../workload-names.ts'
import { isInside } from './address.ts'
import { AddressBook } from './address-book.ts'
import { internalReason, type Opening, serviceOpening } from './balancer.ts'
import { cloudIdentities } from './cloud-identity.ts'
import { ClusterNamespace } from './cluster-namespace.ts'
import { type ClusterOptions, defaultClusterOptions } from './cluster-options.ts'
import type { ClusterService, ClusterWorkload } from './cluster-workload.ts'
import { Declared } from './declared.ts'
import { type Exposure, exposureOf, type WayIn } from './exposure.ts'
import { fieldsOf, type Labels, labelsOf, listOf, textOf, textsOf } from './fields.ts'
import { type Entitlement, entitlementsOf } from './grants.ts'
import { type Isolation, isolationOf, lets, looksAbroad } from './network-policy.ts'
import { RouteTable } from './route-table.ts'
import { type GatewayRef, wayKinds } from './route-way.ts'
import { selects } from './selector.ts'

/** The unit of what belongs to no namespace. */
const wholeCluster = ''

/** Kinds that the whole of a namespace's declarations may hang on. */
const clusterKinds: ReadonlySet<string> = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding'])

/** Classes of gateways that serve only the private network or the mesh. */
const innerClasses: ReadonlySet<string> = new Set([
  'istio-waypoint',
  'gke-l7-rilb',
  'gke-l7-rilb-mc',
  'gke-l7-cross-regional-internal-managed-mc',
  'amazon-vpc-lattice',
])

/** A workload by its names. */
export interface WorkloadName {
  readonly namespace: string
  readonly name: string
}

/**
 * What the objects of one cluster say together, whatever the order they come in: workloads by their owners, what answers for a name or an
 * address, who is exposed and why, who may reach whom, and what service accounts may. Each namespace is worked out again when something
 * in it, or something that it hangs on, is another.
 */
export class ClusterModel {
  readonly cluster: string | undefined
  readonly options: ClusterOptions
  private readonly _namespaces = new Map<string, ClusterNamespace>()
  private readonly clusterRoles = new Map<string, KubernetesObject>()
  private readonly clusterBindings = new Map<string, KubernetesObject>()
  private readonly routes = new RouteTable()
  /** Pods by address. */
  private readonly book = new AddressBook()
  private readonly servicesByIp = new Map<string, readonly [namespace: string, service: string]>()
  /** Namespaces by the name of a service, for names that do not say where. */
  private readonly homes = new Map<string, Set<string>>()
  private readonly dirty = new Set<string>()
  /** Routes, policies and grants may hang on what changed elsewhere. */
  private gatewaysStale = false
  private peersStale = false
  private accountsStale = false
  /** What policies say of each workload, as long as nothing changes. */
  private isolations = new Map<ClusterWorkload, { readonly ingress: Isolation; readonly egress: Isolation }>()
  private readonly size = new Map<string, number>()
  private _objects = 0
  /** Edges left out for room. */
  omitted = 0

  constructor(cluster: string | undefined, options: Partial<ClusterOptions> = {}) {
    this.cluster = cluster
    this.options = { ...defaultClusterOptions, ...options }
  }

  get objects(): number {
    return this._objects
  }

  get changed(): boolean {
    return this.dirty.size > 0
  }

  // — objects —

  has(kind: string, object: KubernetesObject): boolean {
    return this.size.has(keyOf(kind, object))
  }

  /** Adds an object or takes a newer state of it. `kind` as `modelKind` says. */
  put(kind: string, object: KubernetesObject, time = 0): void {
    const key = keyOf(kind, object)
    if (!this.size.has(key)) {
      this.size.set(key, 1)
      this._objects += 1
    }
    const { name } = object.metadata
    if (clusterKinds.has(kind)) {
      this.putWide(kind, name, object)
      return
    }
    const space = this.ensure(homeOf(object))
    const before = space.get(kind, name)
    const podSet = kind === 'Pod' ? this.putPod(space, object, time) : space.put(kind, object)
    if (kind === 'Service') this.serviceNamed(space, name, before, object)
    if (podSet) this.touch(kind, space.name, object, before)
  }

  remove(kind: string, object: KubernetesObject, time = 0): void {
    const key = keyOf(kind, object)
    if (!this.size.delete(key)) return
    this._objects -= 1
    const { name } = object.metadata
    if (clusterKinds.has(kind)) {
      this.putWide(kind, name, undefined)
      return
    }
    const space = this.ensure(homeOf(object))
    const before = space.get(kind, name)
    if (kind === 'Pod') {
      const own = { namespace: space.name, pod: name }
      for (const ip of space.ipsOf(name)) this.book.leave(ip, own, time, space.ownerOf(name))
    }
    const changed = space.remove(kind, name)
    if (kind === 'Service') this.serviceNamed(space, name, before, undefined)
    if (changed) this.touch(kind, space.name, undefined, before)
  }

  private ensure(name: string): ClusterNamespace {
    let space = this._namespaces.get(name)
    if (space === undefined) {
      space = new ClusterNamespace(name)
      this._namespaces.set(name, space)
    }
    return space
  }

  private putWide(kind: string, name: string, object: KubernetesObject | undefined): void {
    if (kind === 'Namespace') {
      const space = this.ensure(name)
      const labels = object === undefined ? {} : labelsOf(object.metadata.labels)
      if (JSON.stringify(labels) === JSON.stringify(space.labels)) return
      space.labels = labels
      this.dirty.add(name)
      this.peersStale = true
      return
    }
    const named = kind === 'ClusterRole' ? this.clusterRoles : this.clusterBindings
    if (object === undefined) named.delete(name)
    else named.set(name, object)
    this.dirty.add(wholeCluster)
    if (kind === 'ClusterRole')
      for (const space of this._namespaces.values()) if (space.has('RoleBinding')) this.dirty.add(space.name)
  }

  /** Marks what hangs on a changed object. */
  private touch(
    kind: string,
    namespace: string,
    object: KubernetesObject | undefined,
    before: KubernetesObject | undefined,
  ): void {
    this.dirty.add(namespace)
    if (wayKinds.includes(kind)) {
      for (const target of this.routes.put(kind, namespace, (object ?? before)!, object !== undefined))
        this.dirty.add(target)
    } else if (kind === 'Gateway' || kind === 'IstioGateway' || kind === 'Service') this.gatewaysStale = true
    else if (podMakers.has(kind)) {
      this.gatewaysStale = true
      this.peersStale = true
      this.accountsStale = true
    } else if (kind === 'ServiceAccount') this.accountsStale = true
    else if (kind === 'NetworkPolicy') this.peersStale = true
  }

  /** Marks what hangs on other namespaces than its own, once for all that changed. */
  private spread(): void {
    if (this.gatewaysStale) for (const target of this.routes.gatedNamespaces()) this.dirty.add(target)
    if (this.peersStale) this.dirtyAbroad()
    if (this.accountsStale) this.dirtyGrants()
    this.gatewaysStale = false
    this.peersStale = false
    this.accountsStale = false
  }

  /** Namespaces whose policies look into others. */
  private dirtyAbroad(): void {
    for (const space of this._namespaces.values())
      if (space.has('NetworkPolicy') && space.of('NetworkPolicy').some(looksAbroad))
        this.dirty.add(space.name)
  }

  /** Grants lead to service accounts, which come and go. */
  private dirtyGrants(): void {
    if (this.clusterBindings.size > 0) this.dirty.add(wholeCluster)
    for (const space of this._namespaces.values())
      if (space.has('RoleBinding') && space.of('RoleBinding').some(namesGroups)) this.dirty.add(space.name)
  }

  /** @returns Whether anything follows from it that did not before. */
  private putPod(space: ClusterNamespace, object: KubernetesObject, time: number): boolean {
    const { name, creationTimestamp = '' } = object.metadata
    const before = space.ipsOf(name)
    const owner = space.ownerOf(name)
    const changed = space.put('Pod', object)
    const now = space.ipsOf(name)
    const own = { namespace: space.name, pod: name }
    for (const ip of before) if (!now.includes(ip)) this.book.leave(ip, own, time, owner)
    // One that was there without an address has it since now.
    const since = owner === undefined ? Date.parse(creationTimestamp) || time : time
    for (const ip of now)
      this.book.take(ip, { ...own, since }, (namespace, pod) => this._namespaces.get(namespace)?.ownerOf(pod))
    return changed
  }

  private addresses(
    into: Map<string, readonly [string, string]>,
    gone: readonly string[],
    come: readonly string[],
    owner: readonly [string, string],
  ): void {
    for (const ip of gone) {
      const known = into.get(ip)
      // An address may be somebody else's by now.
      if (known !== undefined && known[0] === owner[0] && known[1] === owner[1]) into.delete(ip)
    }
    for (const ip of come) into.set(ip, owner)
  }

  private serviceNamed(
    { name: namespace }: ClusterNamespace,
    name: string,
    before: KubernetesObject | undefined,
    now: KubernetesObject | undefined,
  ): void {
    const own = [namespace, name] as const
    this.addresses(this.servicesByIp, serviceIps(before), serviceIps(now), own)
    const homes = this.homes.get(name) ?? new Set<string>()
    if (now === undefined) homes.delete(namespace)
    else homes.add(namespace)
    if (homes.size === 0) this.homes.delete(name)
    else this.homes.set(name, homes)
  }

  // — questions —

  namespaces(): readonly ClusterNamespace[] {
    return [...this._namespaces.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  *workloads(): Generator<ClusterWorkload> {
    for (const space of this.namespaces()) yield* space.view().workloads.values()
  }

  *services(): Generator<ClusterService> {
    for (const space of this.namespaces()) yield* space.view().services.values()
  }

  /** `namespace/name` of every service account that exists or that pods run as, of one namespace or all. */
  *serviceAccounts(namespace?: string): Generator<string> {
    for (const space of this.namespaces()) {
      if (namespace !== undefined && space.name !== namespace) continue
      const names = new Set(space.of('ServiceAccount').map(account => account.metadata.name))
      for (const workload of space.view().workloads.values())
        for (const account of workload.serviceAccounts) names.add(account)
      for (const name of [...names].sort()) yield `${space.name}/${name}`
    }
  }

  /**
   * Who answers for a name or an address as pods of the cluster use them: `orders` (needs `from`, the asking namespace, unless only one
   * namespace has such a service), `orders.shop`, `orders.shop.svc.cluster.local`, `db-0.db.shop.svc`, `10-0-0-7.shop.pod.cluster.local`, a
   * pod's or a service's address. Undefined for what the cluster does not know; a name of type ExternalName gives the name it stands
   * for.
   */
  resolveHost(given: string, from?: string): Resolved | undefined {
    const host = given.toLowerCase().replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0) return this.resolveIp(host)
    const parts = (host.endsWith('.') ? host.slice(0, -1) : host).split('.')
    const [first = '', second, third] = parts
    if (parts.length === 1) {
      const homes = this.homes.get(first)
      const home =
        from !== undefined && homes?.has(from) === true
          ? from
          : homes?.size === 1 && from === undefined
            ? [...homes][0]
            : undefined
      return home === undefined ? undefined : this.service(home, first)
    }
    if (third === 'pod') return second === undefined ? undefined : this.resolveIp(dashed(first))
    if (parts.length === 2 || third === 'svc') return this.service(second!, first)
    // A pod of a headless service: `db-0.db.shop.svc.cluster.local`.
    const [, service, namespace, svc] = parts
    if (svc !== 'svc' || namespace === undefined || service === undefined) return undefined
    const workload = this._namespaces.get(namespace)?.workloadOf(first)
    return workload === undefined ? this.service(namespace, service) : { workloads: [workload] }
  }

  /** The pod that has an address. */
  private podWorkload(ip: string): ClusterWorkload | undefined {
    const holder = this.book.at(ip, 0)
    return holder === undefined || !('pod' in holder)
      ? undefined
      : this._namespaces.get(holder.namespace)?.workloadOf(holder.pod)
  }

  /** Who had a pod's address at a moment, ms since the epoch; who has it where that is 0. */
  workloadAt(ip: string, moment: number): WorkloadName | undefined {
    const holder = this.book.at(ip, moment)
    if (holder === undefined) return undefined
    const { namespace } = holder
    if ('workload' in holder) return { namespace, name: holder.workload }
    const name = this._namespaces.get(namespace)?.ownerOf(holder.pod)
    return name === undefined ? undefined : { namespace, name }
  }

  /** Who answers for a service's address. */
  serviceAt(ip: string): readonly ClusterWorkload[] {
    const service = this.servicesByIp.get(ip)
    return service === undefined ? nobody : (this.service(service[0], service[1])?.workloads ?? nobody)
  }

  /** Who answers for a host and path that an Ingress or a route lets in. */
  resolveRoute(host: string, path: string): readonly ClusterWorkload[] {
    const way = this.routes.find(host, path)
    return way === undefined ? nobody : (this.service(way.namespace, way.service)?.workloads ?? nobody)
  }

  private resolveIp(ip: string): Resolved | undefined {
    const workload = this.podWorkload(ip)
    if (workload !== undefined) return { workloads: [workload] }
    return this.servicesByIp.has(ip) ? { workloads: this.serviceAt(ip) } : undefined
  }

  private service(namespace: string, name: string): Resolved | undefined {
    const service = this._namespaces.get(namespace)?.view().services.get(name)
    if (service === undefined) return undefined
    if (service.externalName !== undefined) return { workloads: nobody, externalName: service.externalName }
    return { workloads: service.workloads }
  }

  exposure(workload: ClusterWorkload): Exposure {
    return exposureOf(workload, this.waysTo(workload), this.isolation(workload).ingress)
  }

  private waysTo(workload: ClusterWorkload): readonly WayIn[] {
    const ways: WayIn[] = []
    for (const service of this.ensure(workload.namespace).view().servicesOf.get(workload) ?? nobody) {
      const opening = serviceOpening(service.object)
      if (opening !== undefined) ways.push({ ...opening, routed: false })
      for (const way of this.routes.to(service.namespace, service.name)) {
        const host = way.host === undefined ? '' : ` for ${way.host}${way.path?.value ?? ''}`
        const by = `${host} by Service ${service.name}`
        if (way.opening !== undefined)
          ways.push({ outside: way.opening.outside, why: `${way.opening.why}${by}`, routed: true })
        for (const gateway of way.gateways) {
          const opening = this.gateway(gateway)
          ways.push({ outside: opening.outside, why: `${way.why}${by} on ${opening.why}`, routed: true })
        }
      }
    }
    return ways.sort((a, b) => (a.why < b.why ? -1 : 1))
  }

  private gateway({ kind, namespace, name }: GatewayRef): Opening {
    const object = this._namespaces.get(namespace)?.get(kind, name)
    const called = `Gateway ${namespace}/${name}`
    if (object === undefined) return { outside: true, why: `${called}, which is not among the objects` }
    const spec = fieldsOf(object.spec)
    if (kind === 'Gateway') {
      const reason =
        internalReason({
          ...labelsOf(object.metadata.annotations),
          ...labelsOf(fieldsOf(spec.infrastructure).annotations),
        }) ??
        (innerClasses.has(textOf(spec.gatewayClassName) ?? '')
          ? `its class ${textOf(spec.gatewayClassName)} is internal`
          : undefined)
      const addresses = listOf(fieldsOf(object.status).addresses).flatMap(one => textOf(one.value) ?? [])
      const own =
        addresses.length > 0 && addresses.every(isInside)
          ? `its address ${addresses[0]} is private`
          : undefined
      const inner = reason ?? own
      return inner === undefined
        ? { outside: true, why: called }
        : { outside: false, why: `${called}, but ${inner}` }
    }
    // Istio's says which pods carry it out; a Service must let those be reached.
    const openings: Opening[] = []
    let behind = 0
    const wanted = { matchLabels: spec.selector }
    for (const space of this._namespaces.values())
      for (const service of space.view().services.values())
        if (service.workloads.some(({ shapes }) => shapes.some(({ labels }) => selects(wanted, labels)))) {
          behind += 1
          const opening = serviceOpening(service.object)
          if (opening !== undefined) openings.push(opening)
        }
    if (behind === 0 || openings.some(opening => opening.outside)) return { outside: true, why: called }
    return {
      outside: false,
      why: `${called}, but ${openings[0]?.why ?? 'no Service lets its pods be reached from outside'}`,
    }
  }

  /** May one workload begin to speak to another, as policies say? */
  mayReach(from: ClusterWorkload, to: ClusterWorkload): boolean {
    const { egress } = this.isolation(from)
    const { ingress } = this.isolation(to)
    const labelsOf = (namespace: string) => this.labelsOf(namespace)
    return lets(egress, from.namespace, to, labelsOf) && lets(ingress, to.namespace, from, labelsOf)
  }

  private isolation(workload: ClusterWorkload): { readonly ingress: Isolation; readonly egress: Isolation } {
    let known = this.isolations.get(workload)
    if (known === undefined) {
      const policies = this.ensure(workload.namespace).of('NetworkPolicy')
      known = {
        ingress: isolationOf(workload, policies, 'ingress'),
        egress: isolationOf(workload, policies, 'egress'),
      }
      this.isolations.set(workload, known)
    }
    return known
  }

  private labelsOf(namespace: string): Labels {
    return { 'kubernetes.io/metadata.name': namespace, ...this._namespaces.get(namespace)?.labels }
  }

  /** What bindings grant, of one namespace or, without one, of the whole cluster's. */
  entitlements(namespace: string | undefined): readonly Entitlement[] {
    const roles = {
      role: (home: string, name: string) => this._namespaces.get(home)?.get('Role', name),
      clusterRole: (name: string) => this.clusterRoles.get(name),
      clusterRoles: () => byName(this.clusterRoles),
      accounts: (home: string | undefined) => this.serviceAccounts(home),
    }
    const bindings =
      namespace === undefined
        ? byName(this.clusterBindings)
        : (this._namespaces.get(namespace)?.of('RoleBinding') ?? nobody)
    return bindings.flatMap(binding => entitlementsOf(binding, namespace, roles))
  }

  // — what it declares —

  /** What has to be declared anew: each namespace that is another, with all that it declares now. */
  *drain(): Generator<readonly [unit: string, declared: Declared]> {
    this.spread()
    this.isolations.clear()
    for (const unit of [...this.dirty].sort()) {
      const declared = new Declared(this.options.declared)
      if (unit === wholeCluster) this.declareGrants(declared, undefined)
      else this.declareNamespace(declared, unit)
      this.omitted += declared.omitted
      const space = this._namespaces.get(unit)
      if (space?.empty === true && Object.keys(space.labels).length === 0) this._namespaces.delete(unit)
      yield [unit, declared]
    }
    this.dirty.clear()
  }

  nameOf(workload: ClusterWorkload): string {
    return workloadName({
      namespace: workload.namespace,
      name: workload.name,
      ...(this.cluster === undefined ? {} : { cluster: this.cluster }),
    })!
  }

  private declareNamespace(declared: Declared, unit: string): void {
    const space = this.ensure(unit)
    const policies = space.of('NetworkPolicy')
    for (const workload of space.view().workloads.values()) {
      const id = nodeId('workload', this.nameOf(workload))
      const exposure = this.exposure(workload)
      declared.facts(id, {
        ...this.factsOf(workload, space),
        exposure: exposure.level,
        exposureWhy: exposure.why,
      })
      if (exposure.level === 'internet') declared.edge(internet, id, 'exposes')
      for (const account of workload.serviceAccounts) declared.edge(id, identity(unit, account), 'runs-as')
      for (const { secrets } of workload.shapes)
        for (const secret of secrets) declared.edge(id, this.store(unit, `secrets/${secret}`), 'may')
      if (policies.length > 0) this.declarePeers(declared, id, workload)
    }
    for (const account of this.serviceAccounts(unit))
      declared.facts(nodeId('identity', `service-account:${account}`), this.where(unit))
    for (const account of space.of('ServiceAccount')) {
      const id = identity(unit, account.metadata.name)
      for (const cloud of cloudIdentities(account)) declared.edge(id, nodeId('identity', cloud), 'assumes')
    }
    this.declareGrants(declared, unit)
  }

  private where(namespace: string): NodeFacts {
    return { ...(this.cluster === undefined ? {} : { cluster: this.cluster }), namespace }
  }

  private factsOf(workload: ClusterWorkload, space: ClusterNamespace): NodeFacts {
    const { namespace, kind, version } = workload
    const labels = { ...space.labels, ...workload.shapes[0]?.labels, ...workload.labels }
    const described = [{ namespace, name: workload.name, labels }]
    const environment = workloadLabel(described, 'environment')?.value
    const owner = workloadLabel(described, 'owner')?.value
    return {
      ...this.where(namespace),
      kind,
      ...(version === undefined ? {} : { version }),
      ...(environment === undefined ? {} : { environment }),
      ...(owner === undefined ? {} : { owner }),
    }
  }

  /** Those that a policy lets in by name; where it lets in everybody, nothing is said. */
  private declarePeers(declared: Declared, to: NodeId, workload: ClusterWorkload): void {
    const { ingress } = this.isolation(workload)
    if (ingress.policies.length === 0 || ingress.anybody || ingress.peers.length === 0) return
    let left = this.options.peers
    for (const space of staysInside(ingress) ? [this.ensure(workload.namespace)] : this.namespaces())
      for (const other of space.view().workloads.values()) {
        if (other === workload || !this.mayReach(other, workload)) continue
        if (left === 0) {
          declared.omitted += 1
          return
        }
        left -= 1
        declared.edge(nodeId('workload', this.nameOf(other)), to, 'calls')
      }
  }

  private declareGrants(declared: Declared, namespace: string | undefined): void {
    const told = new Map<string, string[]>()
    for (const grant of this.entitlements(namespace)) {
      const id = nodeId('identity', grant.identity)
      const targets =
        grant.names.length === 0 ? [grant.resource] : grant.names.map(name => `${grant.resource}/${name}`)
      for (const target of targets)
        declared.edge(id, this.store(namespace, target), 'may', grant.verbs.join(','))
      const sentences = told.get(id) ?? []
      told.set(id, sentences)
      if (sentences.length < maxSentences) sentences.push(grant.text)
      if (grant.becomes) this.declareBecoming(declared, id, namespace)
    }
    for (const [id, entitlements] of told) declared.facts(id as NodeId, { entitlements })
  }

  /** Whoever runs pods or issues tokens acts as the accounts there. */
  private declareBecoming(declared: Declared, id: NodeId, namespace: string | undefined): void {
    let left = this.options.accounts
    for (const account of this.serviceAccounts(namespace)) {
      if (left === 0) {
        declared.omitted += 1
        return
      }
      left -= 1
      const target = nodeId('identity', `service-account:${account}`)
      if (target !== id) declared.edge(id, target, 'assumes')
    }
  }

  /** `kubernetes://cluster/namespace/secrets`; a star stands for every namespace. */
  private store(namespace: string | undefined, resource: string): NodeId {
    return nodeId('store', kubernetesStore(this.cluster, namespace ?? '*', resource))
  }

  static {
    keptWhole(ClusterModel, 'graph/cluster-model', 2)
  }
}

/** A store of the API server's: `kubernetes://cluster/namespace/secrets/name`, without what is unknown. */
export const kubernetesStore = (
  cluster: string | undefined,
  namespace: string | undefined,
  resource: string,
): string =>
  `kubernetes://${[cluster, namespace, resource].filter(part => part !== undefined && part !== '').join('/')}`

/** Who answers. */
export interface Resolved {
  readonly workloads: readonly ClusterWorkload[]
  /** The name of another host that it stands for. */
  readonly externalName?: string
}

const maxSentences = 100
const nobody: readonly never[] = []

/** Kinds whose change may change which workloads there are, what they are labelled with and what they run as. */
const podMakers: ReadonlySet<string> = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'DeploymentConfig',
  'ReplicationController',
  'Job',
  'CronJob',
  'Rollout',
])

const homeOf = (object: KubernetesObject): string => object.metadata.namespace ?? 'default'

const keyOf = (kind: string, { metadata }: KubernetesObject): string =>
  `${kind}/${clusterKinds.has(kind) ? '' : (metadata.namespace ?? 'default')}/${metadata.name}`

const identity = (namespace: string, name: string): NodeId =>
  nodeId('identity', serviceAccountName(namespace, name))

const byName = (named: ReadonlyMap<string, KubernetesObject>): readonly KubernetesObject[] =>
  [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)

const namesGroups = (binding: KubernetesObject): boolean =>
  listOf(binding.subjects).some(
    ({ kind, name }) =>
      kind === 'Group' && typeof name === 'string' && name.startsWith('system:serviceaccounts'),
  )

const staysInside = ({ peers }: { readonly peers: readonly { readonly namespaces?: unknown }[] }): boolean =>
  peers.every(peer => peer.namespaces === undefined)

function serviceIps(service: KubernetesObject | undefined): readonly string[] {
  if (service === undefined) return nobody
  const { clusterIP, clusterIPs, externalIPs } = fieldsOf(service.spec)
  const balancer = listOf(fieldsOf(fieldsOf(service.status).loadBalancer).ingress)
  const ips = [clusterIP, ...textsOf(clusterIPs), ...textsOf(externalIPs), ...balancer.map(one => one.ip)]
  return [...new Set(ips.flatMap(ip => textOf(ip) ?? []))].filter(ip => isIP(ip) !== 0)
}

/** `10-0-0-7` as an address. */
const dashed = (label: string): string =>
  /^\d{1,3}(?:-\d{1,3}){3}$/.test(label) ? label.replaceAll('-', '.') : label.replaceAll('-', ':')
