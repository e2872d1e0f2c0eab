/** What is kept of a Kubernetes object: never a Secret's data, a value of an environment variable or a last-applied copy. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
    readonly creationTimestamp?: string
  }
  /** `spec`, `rules`, `subjects`, `roleRef`, `status`, `endpoints`, `ports` … as the object has them, without what must not be kept. */
  readonly [field: string]: unknown
}

/** Something was declared, changed or taken away: an object of an orchestrator. */
export interface ResourceEvent {
  readonly type: 'resource'
  readonly id: string
  /** 0 for manifests, which have no time: they hold from the beginning. */
  readonly time: number
  readonly cluster?: string
  readonly source: string
  readonly object: KubernetesObject
  readonly removed?: true
}
