import { flag, list, number, port, record, type Shape, text, texts } from './shape.ts'

/** A kind that the model knows what to do with. */
export interface KnownKind {
  readonly kind: string
  /** API groups it is known in, today's first; the empty one is the core. */
  readonly groups: readonly string[]
  /** As the API server calls it in its paths. */
  readonly plural: string
  readonly namespaced: boolean
  /** Versions to ask for, the preferred first. */
  readonly versions: readonly string[]
  /** What is kept of it besides its metadata. */
  readonly fields: Readonly<Record<string, Shape>>
  /** Read where files have it, never asked for from an API server. */
  readonly filesOnly?: true
}

const labels = texts(64)

const expressions = list(record({ key: text(317), operator: text(32), values: list(text(), 64) }), 32)
const selector = record({ matchLabels: labels, matchExpressions: expressions })

const named = record({ name: text() })

/** Which Secret a pod reads, never what is in it; values of variables stay out. */
const container = record({
  name: text(),
  image: text(1024),
  ports: list(record({ name: text(63), containerPort: number, hostPort: number, protocol: text(16) }), 64),
  env: list(record({ valueFrom: record({ secretKeyRef: record({ name: text(), key: text() }) }) }), 512),
  envFrom: list(record({ secretRef: named }), 64),
})

const podSpec = record({
  serviceAccountName: text(),
  serviceAccount: text(),
  automountServiceAccountToken: flag,
  hostNetwork: flag,
  containers: list(container, 64),
  initContainers: list(container, 64),
  imagePullSecrets: list(named, 16),
  volumes: list(
    record({
      secret: record({ secretName: text() }),
      projected: record({ sources: list(record({ secret: named }), 32) }),
      csi: record({ nodePublishSecretRef: named }),
    }),
    128,
  ),
})

const template = record({ metadata: record({ labels }), spec: podSpec })

const controller: Readonly<Record<string, Shape>> = {
  spec: record({
    replicas: number,
    selector,
    template,
    serviceName: text(),
    workloadRef: record({ kind: text(64), name: text() }),
  }),
}

const balancer = record({ ingress: list(record({ ip: text(64), hostname: text() }), 16) })

const backend = record({
  service: record({ name: text(), port: record({ name: text(63), number }) }),
  // networking.k8s.io/v1beta1 and before
  serviceName: text(),
})

const reference = record({
  group: text(),
  kind: text(64),
  name: text(),
  namespace: text(),
  sectionName: text(),
  port: number,
})

const routeRules = list(
  record({
    matches: list(
      record({
        path: record({ type: text(64), value: text(1024) }),
        method: record({ service: text(), method: text() }),
      }),
      64,
    ),
    backendRefs: list(reference, 64),
  }),
  64,
)

const gatewayRoute: Readonly<Record<string, Shape>> = {
  spec: record({ parentRefs: list(reference, 32), hostnames: list(text(), 64), rules: routeRules }),
}

const destinations = list(
  record({ destination: record({ host: text(), subset: text(), port: record({ number }) }) }),
  32,
)
const uriMatch = list(
  record({ uri: record({ exact: text(1024), prefix: text(1024), regex: text(1024) }) }),
  64,
)

const policyPorts = list(record({ port, endPort: number, protocol: text(16) }), 64)
const policyPeers = list(
  record({
    podSelector: selector,
    namespaceSelector: selector,
    ipBlock: record({ cidr: text(64), except: list(text(64), 64) }),
  }),
  256,
)

const rules = list(
  record({
    apiGroups: list(text(), 64),
    resources: list(text(), 128),
    resourceNames: list(text(), 128),
    verbs: list(text(64), 64),
    nonResourceURLs: list(text(1024), 64),
  }),
  512,
)

const binding: Readonly<Record<string, Shape>> = {
  roleRef: record({ apiGroup: text(), kind: text(64), name: text() }),
  subjects: list(record({ kind: text(64), name: text(), namespace: text(), apiGroup: text() }), 1024),
}

const kind = (
  name: string,
  plural: string,
  groups: readonly string[],
  versions: readonly string[],
  fields: Readonly<Record<string, Shape>>,
): KnownKind => ({ kind: name, plural, groups, versions, fields, namespaced: true })

const cluster = (known: KnownKind): KnownKind => ({ ...known, namespaced: false })

/** Old manifests still say these groups. */
const apps = ['apps', 'extensions']

/** Names of kinds are told apart by their group: a Service of Knative is no Service, a Gateway of Istio not one of the Gateway API. */
export const knownKinds: readonly KnownKind[] = [
  cluster(kind('Namespace', 'namespaces', [''], ['v1'], {})),
  kind('Pod', 'pods', [''], ['v1'], {
    spec: podSpec,
    status: record({ phase: text(32), podIP: text(64), podIPs: list(record({ ip: text(64) }), 8) }),
  }),
  kind('Deployment', 'deployments', apps, ['v1'], controller),
  kind('ReplicaSet', 'replicasets', apps, ['v1'], controller),
  kind('StatefulSet', 'statefulsets', apps, ['v1'], controller),
  kind('DaemonSet', 'daemonsets', apps, ['v1'], controller),
  kind('ReplicationController', 'replicationcontrollers', [''], ['v1'], {
    spec: record({ replicas: number, selector: labels, template }),
  }),
  kind('Job', 'jobs', ['batch'], ['v1'], controller),
  kind('CronJob', 'cronjobs', ['batch'], ['v1'], {
    spec: record({ jobTemplate: record({ spec: record({ template }) }) }),
  }),
  kind('Rollout', 'rollouts', ['argoproj.io'], ['v1alpha1'], controller),
  kind('DeploymentConfig', 'deploymentconfigs', ['apps.openshift.io', ''], ['v1'], {
    spec: record({ replicas: number, selector: labels, template }),
  }),
  kind('Service', 'services', [''], ['v1'], {
    spec: record({
      type: text(32),
      selector: labels,
      ports: list(
        record({ name: text(63), port: number, targetPort: port, nodePort: number, protocol: text(16) }),
        64,
      ),
      clusterIP: text(64),
      clusterIPs: list(text(64), 4),
      externalName: text(),
      externalIPs: list(text(64), 16),
      loadBalancerClass: text(),
      loadBalancerIP: text(64),
      loadBalancerSourceRanges: list(text(64), 64),
    }),
    status: record({ loadBalancer: balancer }),
  }),
  {
    ...kind('Endpoints', 'endpoints', [''], ['v1'], {
      subsets: list(
        record({
          addresses: list(
            record({ ip: text(64), targetRef: record({ kind: text(64), name: text() }) }),
            1000,
          ),
        }),
        16,
      ),
    }),
    // Every server that has them says the same in slices.
    filesOnly: true,
  },
  kind('EndpointSlice', 'endpointslices', ['discovery.k8s.io'], ['v1'], {
    addressType: text(16),
    endpoints: list(
      record({ addresses: list(text(), 8), targetRef: record({ kind: text(64), name: text() }) }),
      1000,
    ),
  }),
  kind('ServiceAccount', 'serviceaccounts', [''], ['v1'], { automountServiceAccountToken: flag }),
  kind('Ingress', 'ingresses', ['networking.k8s.io', 'extensions'], ['v1'], {
    spec: record({
      ingressClassName: text(),
      defaultBackend: backend,
      backend,
      tls: list(record({ hosts: list(text(), 64), secretName: text() }), 64),
      rules: list(
        record({
          host: text(),
          http: record({ paths: list(record({ path: text(1024), pathType: text(64), backend }), 256) }),
        }),
        256,
      ),
    }),
    status: record({ loadBalancer: balancer }),
  }),
  kind('NetworkPolicy', 'networkpolicies', ['networking.k8s.io', 'extensions'], ['v1'], {
    spec: record({
      podSelector: selector,
      policyTypes: list(text(16), 2),
      ingress: list(record({ from: policyPeers, ports: policyPorts }), 128),
      egress: list(record({ to: policyPeers, ports: policyPorts }), 128),
    }),
  }),
  kind('Role', 'roles', ['rbac.authorization.k8s.io'], ['v1'], { rules }),
  cluster(
    kind('ClusterRole', 'clusterroles', ['rbac.authorization.k8s.io'], ['v1'], {
      rules,
      aggregationRule: record({ clusterRoleSelectors: list(selector, 16) }),
    }),
  ),
  kind('RoleBinding', 'rolebindings', ['rbac.authorization.k8s.io'], ['v1'], binding),
  cluster(kind('ClusterRoleBinding', 'clusterrolebindings', ['rbac.authorization.k8s.io'], ['v1'], binding)),
  kind('Gateway', 'gateways', ['gateway.networking.k8s.io'], ['v1', 'v1beta1'], {
    spec: record({
      gatewayClassName: text(),
      listeners: list(record({ name: text(), hostname: text(), port: number, protocol: text(64) }), 64),
      infrastructure: record({ annotations: texts(32, () => true, 1024) }),
    }),
    status: record({ addresses: list(record({ type: text(64), value: text() }), 16) }),
  }),
  kind('HTTPRoute', 'httproutes', ['gateway.networking.k8s.io'], ['v1', 'v1beta1'], gatewayRoute),
  kind('GRPCRoute', 'grpcroutes', ['gateway.networking.k8s.io'], ['v1', 'v1alpha2'], gatewayRoute),
  kind('TLSRoute', 'tlsroutes', ['gateway.networking.k8s.io'], ['v1', 'v1alpha2'], gatewayRoute),
  kind('TCPRoute', 'tcproutes', ['gateway.networking.k8s.io'], ['v1', 'v1alpha2'], gatewayRoute),
  kind('Gateway', 'gateways', ['networking.istio.io'], ['v1', 'v1beta1'], {
    spec: record({
      selector: labels,
      servers: list(record({ port: record({ number, protocol: text(16) }), hosts: list(text(), 64) }), 64),
    }),
  }),
  kind('VirtualService', 'virtualservices', ['networking.istio.io'], ['v1', 'v1beta1'], {
    spec: record({
      hosts: list(text(), 64),
      gateways: list(text(507), 32),
      http: list(record({ match: uriMatch, route: destinations }), 128),
      tls: list(record({ route: destinations }), 64),
      tcp: list(record({ route: destinations }), 64),
    }),
  }),
  kind('ServiceEntry', 'serviceentries', ['networking.istio.io'], ['v1', 'v1beta1'], {
    spec: record({ hosts: list(text(), 64), location: text(32) }),
  }),
  kind('Route', 'routes', ['route.openshift.io', ''], ['v1'], {
    spec: record({
      host: text(),
      path: text(1024),
      to: record({ kind: text(64), name: text() }),
      alternateBackends: list(record({ kind: text(64), name: text() }), 16),
    }),
  }),
  {
    ...kind('Secret', 'secrets', [''], ['v1'], { type: text() }),
    // Whoever may list Secrets may read them: the names come from what refers to them.
    filesOnly: true,
  },
]
