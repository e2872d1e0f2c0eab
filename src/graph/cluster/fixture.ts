import { parseAllDocuments } from 'yaml'
import type { KubernetesObject, ResourceEvent } from '../../call/resource-event.ts'
import { trimObject } from '../../sensors/kubernetes/trim-object.ts'
import { GraphBuilder } from '../graph-builder.ts'

/** The objects of YAML documents, trimmed as a sensor does. */
export function objectsOf(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).map(document => {
    const object = trimObject(document.toJS())
    if (object === undefined) throw new Error(`not known: ${document.toString()}`)
    return object
  })
}

export const resource = (object: KubernetesObject, removed = false, time = 0): ResourceEvent => ({
  type: 'resource',
  id: object.metadata.name,
  time,
  source: 'kubernetes',
  object,
  ...(removed ? { removed } : {}),
})

/** A graph of objects, settled. */
export function built(objects: readonly KubernetesObject[]): GraphBuilder {
  const builder = new GraphBuilder()
  for (const object of objects) builder.resource(resource(object))
  builder.settle()
  return builder
}

/** Its edges and facts in words, sorted. */
export const edgesOf = ({ graph }: GraphBuilder): readonly string[] =>
  [...graph.allEdges()].map(edge => `${edge.from} ${edge.kind} ${edge.to}`).sort()

export const factsOf = ({ graph }: GraphBuilder): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...graph.allNodes()].map(node => [node.id, node.facts] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** A small shop: a public frontend, orders behind it, a database that only orders may reach, and an operator with too much power. */
export const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { environment: production } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { team: storefront } }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { serviceAccountName: web, containers: [{ name: web, image: "registry:5000/shop/web:2.3.1", ports: [{ containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: shop }
spec:
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders, app.kubernetes.io/version: "7" } }
    spec:
      serviceAccountName: orders
      containers:
        - name: orders
          image: shop/orders
          env:
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }
            - { name: TOKEN, value: hunter2-hunter2 }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: postgres:17 }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app: orders }, clusterIP: 10.96.0.7, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 5432 }] }
---
apiVersion: v1
kind: Service
metadata: { name: payments, namespace: shop }
spec: { type: ExternalName, externalName: API.pay.example }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: api, namespace: shop }
spec:
  rules:
    - host: api.shop.example
      http: { paths: [{ path: /orders, pathType: Prefix, backend: { service: { name: orders, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: orders } } }] }]
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: orders
  namespace: shop
  annotations: { eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/orders" }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules: [{ apiGroups: [""], resources: [secrets], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: orders-reads, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: orders, namespace: shop }]
---
apiVersion: v1
kind: Pod
metadata:
  name: orders-7d4b9c5f6d-x2x4z
  namespace: shop
  labels: { app: orders, app.kubernetes.io/version: "7", pod-template-hash: 7d4b9c5f6d }
  ownerReferences: [{ kind: ReplicaSet, name: orders-7d4b9c5f6d, controller: true }]
spec: { serviceAccountName: orders, containers: [{ name: orders, image: shop/orders }] }
status: { phase: Running, podIP: 10.1.0.9 }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: operator }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: ServiceAccount, name: operator, namespace: tools }]
`
