/** A running piece of software: the owner of the pods, not a pod. Every field is optional; what is known is given. */
export interface Workload {
  readonly cluster?: string
  readonly namespace?: string
  readonly kind?: string
  readonly name?: string
  readonly serviceAccount?: string
  readonly pod?: string
  readonly version?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** `cluster/namespace/name`, leaving out what is unknown; undefined without a name. */
export function workloadName({ cluster, namespace, name }: Workload): string | undefined {
  return name === undefined
    ? undefined
    : [cluster, namespace, name].filter(part => part !== undefined && part !== '').join('/')
}
