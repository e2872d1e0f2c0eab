/** Bounds of what is known of clusters; beyond them nothing is taken in and what was left out is counted. */
export interface ClusterOptions {
  /** Objects of all clusters, pods included. */
  readonly objects: number
  /** Edges that policies, grants and routes of one namespace may declare. */
  readonly declared: number
  /** Workloads that the policies of one workload are told to let in. */
  readonly peers: number
  /** Service accounts that an escalating grant is told to lead to. */
  readonly accounts: number
}

export const defaultClusterOptions: ClusterOptions = {
  objects: 200_000,
  declared: 50_000,
  peers: 100,
  accounts: 200,
}
