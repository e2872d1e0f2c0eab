import type { KubernetesObject } from '../../call/resource-event.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { ClusterService, ClusterWorkload } from './cluster-workload.ts'
import { fieldsOf, type Labels, labelsOf, listOf, textOf } from './fields.ts'
import { type Find, type Owner, topOwner, topOwnerOf } from './owner.ts'
import { type PodShape, podShape, templateShape } from './pod-shape.ts'
import { hasLabels } from './selector.ts'

/** What is kept of a pod; thousands are alike, their shape is held once. */
interface Pod {
  readonly name: string
  readonly owner: Owner | undefined
  readonly shape: PodShape
  readonly shapeKey: string
  readonly ips: readonly string[]
}

/** What follows from the objects of a namespace. */
export interface NamespaceView {
  readonly workloads: ReadonlyMap<string, ClusterWorkload>
  readonly services: ReadonlyMap<string, ClusterService>
  /** Services by who answers for them. */
  readonly servicesOf: ReadonlyMap<ClusterWorkload, readonly ClusterService[]>
}

/** Kinds that make pods, the ones that speak first for a name first. */
const controllers = [
  'Deployment',
  'Rollout',
  'StatefulSet',
  'DaemonSet',
  'DeploymentConfig',
  'CronJob',
  'ReplicationController',
  'ReplicaSet',
  'Job',
] as const

/** Different shapes of pods that one workload is known by. */
const maxShapes = 16

/** The objects of one namespace, and what follows from them once somebody asks. */
export class ClusterNamespace {
  readonly name: string
  labels: Labels = {}
  private readonly objects = new Map<string, Map<string, KubernetesObject>>()
  /** Of each kind by name, as long as nothing changes. */
  private readonly sorted = new Map<string, readonly KubernetesObject[]>()
  private readonly pods = new Map<string, Pod>()
  /** Pods of each owner and shape: only the first and the last change anything. */
  private readonly alike = new Map<string, number>()
  private readonly _shapes = new Map<string, PodShape>()
  private _view: NamespaceView | undefined

  constructor(name: string) {
    this.name = name
  }

  get empty(): boolean {
    return this.objects.size === 0 && this.pods.size === 0
  }

  /** @returns Whether anything follows from it that did not before. */
  put(kind: string, object: KubernetesObject): boolean {
    if (kind === 'Pod') return this.putPod(object)
    let named = this.objects.get(kind)
    if (named === undefined) {
      named = new Map()
      this.objects.set(kind, named)
    }
    const before = named.get(object.metadata.name)
    named.set(object.metadata.name, object)
    this.sorted.delete(kind)
    if (before !== undefined && sameObject(before, object)) return false
    this._view = undefined
    return true
  }

  remove(kind: string, name: string): boolean {
    if (kind === 'Pod') return this.removePod(name)
    const named = this.objects.get(kind)
    if (named?.delete(name) !== true) return false
    this.sorted.delete(kind)
    if (named.size === 0) this.objects.delete(kind)
    this._view = undefined
    return true
  }

  get(kind: string, name: string): KubernetesObject | undefined {
    return this.objects.get(kind)?.get(name)
  }

  of(kind: string): readonly KubernetesObject[] {
    let objects = this.sorted.get(kind)
    if (objects === undefined) {
      objects = sorted(this.objects.get(kind))
      this.sorted.set(kind, objects)
    }
    return objects
  }

  has(kind: string): boolean {
    return this.objects.has(kind)
  }

  ipsOf(pod: string): readonly string[] {
    return this.pods.get(pod)?.ips ?? []
  }

  /** The workload that a pod belongs to. */
  workloadOf(pod: string): ClusterWorkload | undefined {
    const known = this.pods.get(pod)
    return known === undefined ? undefined : this.view().workloads.get(this.topOf(known).name)
  }

  /** The name of that, also where nothing else is known of it. */
  ownerOf(pod: string): string | undefined {
    const known = this.pods.get(pod)
    return known === undefined ? undefined : this.topOf(known).name
  }

  view(): NamespaceView {
    this._view ??= this.look()
    return this._view
  }

  private putPod(object: KubernetesObject): boolean {
    const { name } = object.metadata
    const spec = fieldsOf(object.spec)
    const status = fieldsOf(object.status)
    const shape = podShape(object.metadata.labels, spec)
    const shapeKey = JSON.stringify(shape)
    const ended = status.phase === 'Succeeded' || status.phase === 'Failed'
    const ips = [status.podIP, ...listOf(status.podIPs).map(one => one.ip)]
    const pod: Pod = {
      name,
      owner: object.metadata.ownerReferences?.[0],
      shape: this._shapes.get(shapeKey) ?? shape,
      shapeKey,
      // The node's own address is that of many.
      ips: ended || shape.hostNetwork ? [] : [...new Set(ips.flatMap(ip => textOf(ip) ?? []))],
    }
    const alike = alikeKey(pod)
    const before = this.pods.get(name)
    // Only its address or its state is another.
    if (before !== undefined && alikeKey(before) === alike) {
      this.pods.set(name, pod)
      return false
    }
    const removed = this.removePod(name)
    this._shapes.set(shapeKey, pod.shape)
    this.pods.set(name, pod)
    const count = this.alike.get(alike) ?? 0
    this.alike.set(alike, count + 1)
    if (count > 0 && !removed) return false
    this._view = undefined
    return true
  }

  private removePod(name: string): boolean {
    const pod = this.pods.get(name)
    if (pod === undefined) return false
    this.pods.delete(name)
    const alike = alikeKey(pod)
    const count = (this.alike.get(alike) ?? 1) - 1
    if (count > 0) {
      this.alike.set(alike, count)
      return false
    }
    this.alike.delete(alike)
    if (this.pods.size === 0) this._shapes.clear()
    this._view = undefined
    return true
  }

  private find(): Find {
    return (kind, name) => this.get(kind, name)
  }

  private topOf(pod: Pod): Owner {
    return topOwner({ kind: 'Pod', name: pod.name }, pod.owner, this.find())
  }

  private look(): NamespaceView {
    const workloads = this._workloads()
    const services = this._services(workloads)
    const servicesOf = new Map<ClusterWorkload, ClusterService[]>()
    for (const service of services.values())
      for (const workload of service.workloads) {
        const known = servicesOf.get(workload)
        if (known === undefined) servicesOf.set(workload, [service])
        else known.push(service)
      }
    return { workloads, services, servicesOf }
  }

  private _workloads(): ReadonlyMap<string, ClusterWorkload> {
    const found = new Map<string, Gathering>()
    const gather = (owner: Owner): Gathering => {
      const known = found.get(owner.name)
      if (known !== undefined) return known
      const made: Gathering = { kind: owner.kind, labels: {}, shapes: new Map(), below: new Map() }
      found.set(owner.name, made)
      return made
    }
    for (const kind of controllers) {
      for (const object of this.of(kind)) {
        const owner = topOwnerOf(object, this.find())
        const own = owner.kind === kind && owner.name === object.metadata.name
        const shape = this.shapeOf(object)
        if (shape === undefined) continue
        // Of an old ReplicaSet nothing runs.
        if (!own && fieldsOf(object.spec).replicas === 0) continue
        const into = gather(owner)
        if (own) {
          into.shapes.set(JSON.stringify(shape), shape)
          into.labels = { ...labelsOf(object.metadata.labels), ...into.labels }
        } else into.below.set(JSON.stringify(shape), shape)
      }
    }
    for (const pod of [...this.pods.values()].sort(byName)) {
      const { below } = gather(this.topOf(pod))
      if (below.size < maxShapes) below.set(pod.shapeKey, pod.shape)
    }
    return new Map(
      [...found]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, gathered]) => [name, this.workload(name, gathered)]),
    )
  }

  private workload(name: string, { kind, labels, shapes, below }: Gathering): ClusterWorkload {
    const all = new Map(shapes)
    for (const key of [...below.keys()].sort()) if (all.size < maxShapes) all.set(key, below.get(key)!)
    const told = [...all.values()]
    const version = told.find(shape => shape.version !== undefined)?.version
    return {
      namespace: this.name,
      name,
      kind,
      labels,
      shapes: told,
      serviceAccounts: [...new Set(told.map(shape => shape.serviceAccount))].sort(),
      ...(version === undefined ? {} : { version }),
    }
  }

  private shapeOf(object: KubernetesObject): PodShape | undefined {
    const { template, jobTemplate, workloadRef } = fieldsOf(object.spec)
    if (object.kind === 'CronJob') return templateShape(fieldsOf(fieldsOf(jobTemplate).spec).template)
    if (template !== undefined) return templateShape(template)
    // A Rollout may take its template from a Deployment.
    const { kind, name } = fieldsOf(workloadRef)
    const other = this.get(textOf(kind) ?? '', textOf(name) ?? '')
    return other === undefined ? undefined : templateShape(fieldsOf(other.spec).template)
  }

  private _services(workloads: ReadonlyMap<string, ClusterWorkload>): ReadonlyMap<string, ClusterService> {
    const byLabel = new Map<string, Set<ClusterWorkload>>()
    for (const workload of workloads.values())
      for (const { labels } of workload.shapes)
        for (const [name, value] of Object.entries(labels)) {
          const key = `${name}=${value}`
          const known = byLabel.get(key)
          if (known === undefined) byLabel.set(key, new Set([workload]))
          else known.add(workload)
        }
    const slices = new Map<string, KubernetesObject[]>()
    for (const slice of this.of('EndpointSlice')) {
      const service = labelsOf(slice.metadata.labels)['kubernetes.io/service-name']
      if (service !== undefined) slices.set(service, [...(slices.get(service) ?? []), slice])
    }
    const services = new Map<string, ClusterService>()
    for (const object of this.of('Service')) {
      const { name } = object.metadata
      const spec = fieldsOf(object.spec)
      const externalName = textOf(spec.externalName)
      const selector = labelsOf(spec.selector)
      const answering =
        Object.keys(selector).length > 0
          ? chosen(selector, byLabel)
          : this.behind([...(slices.get(name) ?? []), ...this.endpoints(name)], workloads)
      services.set(name, {
        namespace: this.name,
        name,
        type: textOf(spec.type) ?? 'ClusterIP',
        object,
        workloads: [...answering].sort(byName),
        ...(spec.type === 'ExternalName' && externalName !== undefined
          ? { externalName: externalName.toLowerCase() }
          : {}),
      })
    }
    return services
  }

  private endpoints(name: string): readonly KubernetesObject[] {
    const object = this.get('Endpoints', name)
    return object === undefined ? [] : [object]
  }

  /** Workloads of the pods that endpoints name. */
  private behind(
    objects: readonly KubernetesObject[],
    workloads: ReadonlyMap<string, ClusterWorkload>,
  ): ReadonlySet<ClusterWorkload> {
    const found = new Set<ClusterWorkload>()
    const places = objects.flatMap(object => [
      ...listOf(object.endpoints),
      ...listOf(object.subsets).flatMap(subset => listOf(subset.addresses)),
    ])
    for (const { targetRef } of places) {
      const { kind, name } = fieldsOf(targetRef)
      const pod = kind === 'Pod' ? this.pods.get(textOf(name) ?? '') : undefined
      const top = pod === undefined ? undefined : this.topOf(pod)
      const workload = top === undefined ? undefined : workloads.get(top.name)
      if (workload !== undefined) found.add(workload)
    }
    return found
  }

  static {
    keptWhole(ClusterNamespace, 'graph/cluster-namespace', 1)
  }
}

interface Gathering {
  readonly kind: string
  labels: Labels
  readonly shapes: Map<string, PodShape>
  readonly below: Map<string, PodShape>
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const sorted = (named: ReadonlyMap<string, KubernetesObject> | undefined): readonly KubernetesObject[] =>
  named === undefined ? [] : [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)

const alikeKey = ({ owner, name, shapeKey }: Pod): string =>
  `${owner === undefined ? `Pod/${name}` : `${owner.kind}/${owner.name}`}|${shapeKey}`

/** Workloads that have all the labels, looked for among those that have the rarest of them. */
function chosen(
  selector: Labels,
  byLabel: ReadonlyMap<string, ReadonlySet<ClusterWorkload>>,
): readonly ClusterWorkload[] {
  let fewest: ReadonlySet<ClusterWorkload> | undefined
  for (const [name, value] of Object.entries(selector)) {
    const having = byLabel.get(`${name}=${value}`)
    if (having === undefined) return []
    if (fewest === undefined || having.size < fewest.size) fewest = having
  }
  return [...(fewest ?? [])].filter(({ shapes }) => shapes.some(({ labels }) => hasLabels(selector, labels)))
}

const sameObject = (a: KubernetesObject, b: KubernetesObject): boolean =>
  JSON.stringify(a) === JSON.stringify(b)
