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
