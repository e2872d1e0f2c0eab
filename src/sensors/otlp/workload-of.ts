import type { Workload } from '../../call/workload.ts'
import type { AttributeName } from './conventions.ts'
import type { SpanResource } from './span.ts'

const owners: readonly (readonly [attribute: AttributeName, kind: string])[] = [
  ['k8s.deployment.name', 'Deployment'],
  ['k8s.statefulset.name', 'StatefulSet'],
  ['k8s.daemonset.name', 'DaemonSet'],
  ['k8s.cronjob.name', 'CronJob'],
  ['k8s.job.name', 'Job'],
]

const known = new WeakMap<SpanResource, Workload>()

/** The workload that sent a span: the owner of its pod where that is said, else the service. Empty where nothing is said. */
export function workloadOf(resource: SpanResource): Workload {
  const before = known.get(resource)
  if (before !== undefined) return before
  const workload = read(resource)
  known.set(resource, workload)
  return workload
}

function read({ attributes }: SpanResource): Workload {
  const owner = owners.find(([attribute]) => attributes.text(attribute) !== undefined)
  const replicaSet = attributes.text('k8s.replicaset.name')
  const service = named(attributes.text('service.name'))
  const name =
    (owner === undefined ? undefined : attributes.text(owner[0])) ??
    // A replica set is its deployment's name and a hash.
    (replicaSet === undefined ? undefined : replicaSet.replace(/-[a-z0-9]{5,10}$/, '')) ??
    service ??
    attributes.text('aws.ecs.task.family')
  const namespace = attributes.text('k8s.namespace.name') ?? attributes.text('service.namespace')
  const cluster = attributes.text('k8s.cluster.name')
  const pod = attributes.text('k8s.pod.name')
  const version = attributes.text('service.version')
  const environment = attributes.text('deployment.environment.name')
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(owner === undefined ? {} : { kind: owner[1] }),
    ...(name === undefined ? {} : { name }),
    ...(pod === undefined ? {} : { pod }),
    ...(version === undefined ? {} : { version }),
    ...(environment === undefined ? {} : { labels: { environment } }),
  }
}

/** SDKs send `unknown_service:node` where nobody gave a name. */
const named = (service: string | undefined): string | undefined =>
  service === undefined || service.startsWith('unknown_service') ? undefined : service
