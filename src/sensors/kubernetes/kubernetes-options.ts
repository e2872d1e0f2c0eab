export interface KubernetesOptions {
  /**
   * The kubeconfig to use. Absent: `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod it runs in. A kubeconfig may
   * name a command that gives credentials: it is run.
   */
  readonly kubeconfig?: string
  /** The context of it; its current one when absent. */
  readonly context?: string
  /** What the cluster is called in names of workloads; they go without when absent. */
  readonly cluster?: string
  /** Only these namespaces, where nothing cluster-wide may be listed; all when absent. */
  readonly namespaces?: readonly string[]
  /** Objects a page of a list. */
  readonly pageSize: number
  /** Seconds after which the server ends a watch; it goes on where it was. */
  readonly watchSeconds: number
  /** Ms without a word from the server after which an answer is given up. */
  readonly answerMs: number
  /** Ms to wait after a failure; doubled each time up to the most. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Ms after which a kind that is forbidden, or that the server does not have, is asked for again. */
  readonly absentMs: number
  /** Bytes of one object, as sent; a larger one is left out and counted. */
  readonly maxObjectBytes: number
  /** Bytes of one page of a list. */
  readonly maxPageBytes: number
  /** Objects of all kinds that are kept an eye on; beyond them new ones are left out and counted. */
  readonly maxObjects: number
}

export const defaultKubernetesOptions: KubernetesOptions = {
  pageSize: 500,
  watchSeconds: 300,
  answerMs: 60_000,
  retryMs: 1_000,
  maxRetryMs: 60_000,
  absentMs: 300_000,
  maxObjectBytes: 8 * 1024 * 1024,
  maxPageBytes: 256 * 1024 * 1024,
  maxObjects: 200_000,
}
