import type { KubernetesObject } from '../../call/resource-event.ts'
import { type KnownKind, knownKinds } from './kinds.ts'
import { list, record, text, texts } from './shape.ts'

const byKind = new Map<string, KnownKind>(
  knownKinds.flatMap(known => known.groups.map(group => [`${group}/${known.kind}`, known] as const)),
)

/** Annotations that say something of identity or exposure; all others, the last applied copy above all, stay out. */
const annotations: ReadonlySet<string> = new Set([
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
  'azure.workload.identity/tenant-id',
  'kubernetes.io/ingress.class',
  'alb.ingress.kubernetes.io/scheme',
  'appgw.ingress.kubernetes.io/use-private-ip',
  'service.beta.kubernetes.io/aws-load-balancer-internal',
  'service.beta.kubernetes.io/aws-load-balancer-scheme',
  'service.beta.kubernetes.io/aws-load-balancer-type',
  'networking.gke.io/load-balancer-type',
  'cloud.google.com/load-balancer-type',
  'service.beta.kubernetes.io/azure-load-balancer-internal',
  'service.beta.kubernetes.io/openstack-internal-load-balancer',
  'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type',
  'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type',
  'service.beta.kubernetes.io/oci-load-balancer-internal',
  'oci.oraclecloud.com/load-balancer-type',
])

const metadata = record({
  name: text(),
  namespace: text(63),
  uid: text(64),
  labels: texts(64),
  annotations: texts(64, name => annotations.has(name), 2048),
  creationTimestamp: text(64),
})

const owners = list(record({ kind: text(64), name: text() }), 8)

/** Which kind an object says it is; undefined for one that is not known. */
export function kindOf(apiVersion: string, kind: string): KnownKind | undefined {
  const slash = apiVersion.indexOf('/')
  return byKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`)
}

/**
 * What the model needs of an object as an API server or a manifest gives it: names, references, labels, ports, rules. Never the data
 * of a Secret or ConfigMap, a value or a literal of an environment variable, a command, or an annotation that is not known. Every
 * text and list is bounded, names longer than Kubernetes allows are left out.
 * @returns undefined for what is no object, has no name, or is of a kind that is not known
 */
export function trimObject(raw: unknown): KubernetesObject | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { apiVersion, kind, metadata: given } = raw as Readonly<Record<string, unknown>>
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion.length > 253) return undefined
  const known = kindOf(apiVersion, kind)
  const kept = metadata(given) as Readonly<Record<string, unknown>> | undefined
  if (known === undefined || typeof kept?.name !== 'string' || kept.name === '') return undefined
  const ownerReferences = ownersOf(given)
  return {
    ...(record(known.fields)(raw) as Readonly<Record<string, unknown>>),
    apiVersion,
    kind,
    metadata: {
      ...kept,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    } as KubernetesObject['metadata'],
  }
}

/** The controller first: an object has one at most. */
function ownersOf(given: unknown): unknown {
  const references = (given as Readonly<Record<string, unknown>>).ownerReferences
  if (!Array.isArray(references) || references.length === 0) return undefined
  const controls = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && (one as { controller?: unknown }).controller === true
  const several = references.slice(0, 64) as readonly unknown[]
  const controllers = several.filter(controls)
  const kept = owners(controllers.length > 0 ? controllers : several) as readonly unknown[]
  return kept.length === 0 ? undefined : kept
}
