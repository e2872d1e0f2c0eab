import { type Fields, fieldsOf, type Labels, labelsOf, listOf, textOf } from './fields.ts'

/** What pods made from one template have in common. */
export interface PodShape {
  readonly labels: Labels
  readonly serviceAccount: string
  readonly version?: string
  /** Ports that its containers say they listen on. */
  readonly ports: readonly number[]
  /** Names of Secrets that it mounts or takes variables from, sorted. */
  readonly secrets: readonly string[]
  /** It has the node's own address: network policies do not hold for it. */
  readonly hostNetwork: boolean
}

/** Labels that differ from pod to pod or from one rollout to the next. */
const passing: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
])

/** Containers that are put beside the one that matters. */
const helpers: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy', 'envoy', 'cloud-sql-proxy'])

/** The shape of a pod by its labels and spec. */
export function podShape(labels: unknown, spec: Fields): PodShape {
  const own = Object.fromEntries(Object.entries(labelsOf(labels)).filter(([name]) => !passing.has(name)))
  const containers = listOf(spec.containers)
  const version = own['app.kubernetes.io/version'] ?? own.version ?? imageVersion(containers)
  return {
    labels: own,
    serviceAccount: textOf(spec.serviceAccountName) ?? textOf(spec.serviceAccount) ?? 'default',
    ...(version === undefined || version === '' ? {} : { version }),
    ports: numbersIn(containers),
    secrets: secretsOf(spec, [...containers, ...listOf(spec.initContainers)]),
    hostNetwork: spec.hostNetwork === true,
  }
}

/** The shape of what a controller's template makes. */
export const templateShape = (template: unknown): PodShape => {
  const { metadata, spec } = fieldsOf(template)
  return podShape(fieldsOf(metadata).labels, fieldsOf(spec))
}

const numbersIn = (containers: readonly Fields[]): readonly number[] =>
  [
    ...new Set(
      containers.flatMap(container =>
        listOf(container.ports).flatMap(({ containerPort }) =>
          typeof containerPort === 'number' ? [containerPort] : [],
        ),
      ),
    ),
  ].sort((a, b) => a - b)

/** The tag of the first image that is not a helper's: `v1.2` of `registry:5000/shop/web:v1.2@sha256:…`. */
function imageVersion(containers: readonly Fields[]): string | undefined {
  const container = containers.find(one => !helpers.has(textOf(one.name) ?? '')) ?? containers[0]
  const [image = ''] = (textOf(container?.image) ?? '').split('@')
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? image.slice(colon + 1) : undefined
}

function secretsOf(spec: Fields, containers: readonly Fields[]): readonly string[] {
  const names = [
    ...listOf(spec.volumes).flatMap(({ secret, projected, csi }) => [
      fieldsOf(secret).secretName,
      fieldsOf(fieldsOf(csi).nodePublishSecretRef).name,
      ...listOf(fieldsOf(projected).sources).map(source => fieldsOf(source.secret).name),
    ]),
    ...containers.flatMap(({ env, envFrom }) => [
      ...listOf(env).map(one => fieldsOf(fieldsOf(one.valueFrom).secretKeyRef).name),
      ...listOf(envFrom).map(one => fieldsOf(one.secretRef).name),
    ]),
    ...listOf(spec.imagePullSecrets).map(one => one.name),
  ]
  return [...new Set(names.flatMap(name => textOf(name) ?? []))].sort()
}
