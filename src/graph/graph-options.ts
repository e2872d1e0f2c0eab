/** Bounds of the graph; at each the least recently seen go first and are counted. */
export interface GraphOptions {
  readonly nodes: number
  readonly edges: number
  /** Nodes of kinds that callers can make up at will: principals and hosts. */
  readonly principals: number
  readonly hosts: number
  /** Traces whose ends are remembered to join a call with the stores it reached. */
  readonly traces: number
  /** Uses that are counted by the day. */
  readonly uses: number
  /** Objects of clusters, pods included; beyond them new ones are not taken in and are counted. */
  readonly clusterObjects: number
}

export const defaultGraphOptions: GraphOptions = {
  nodes: 200_000,
  edges: 1_000_000,
  principals: 50_000,
  hosts: 20_000,
  traces: 20_000,
  uses: 50_000,
  clusterObjects: 200_000,
}
