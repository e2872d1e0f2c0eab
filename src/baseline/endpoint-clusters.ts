import { MinHash } from '../kit/min-hash.ts'
import type { Component } from '../kit/snapshot.ts'

const mostClusters = 64
const alike = 0.5

interface Cluster {
  readonly kind: string
  readonly words: string
  readonly leader: MinHash
}

/**
 * Principals without roles are told apart by what they call: whoever calls much the same endpoints as the first of a cluster (MinHash
 * likeness of at least a half) belongs to it. At most 64 clusters; who would need another one stays without.
 */
export class EndpointClusters implements Component {
  #clusters: Cluster[] = []

  /**
   * @param endpoints numbers of the endpoints used
   * @param words of what a new cluster calls, asked for only then
   * @returns the cluster's number, from 1; 0 for none
   */
  place(kind: string, endpoints: readonly number[], words: () => string): number {
    const signature = new MinHash()
    for (const endpoint of endpoints) signature.add(endpoint)
    let best = 0
    let likeness = 0
    for (const [index, cluster] of this.#clusters.entries()) {
      if (cluster.kind !== kind) continue
      const found = signature.likeness(cluster.leader)
      if (found > likeness) {
        likeness = found
        best = index + 1
      }
    }
    if (likeness >= alike) return best
    if (this.#clusters.length >= mostClusters) return 0
    this.#clusters.push({ kind, words: words(), leader: signature })
    return this.#clusters.length
  }

  wordsOf(cluster: number): string {
    return this.#clusters[cluster - 1]?.words ?? ''
  }

  save(): unknown {
    return this.#clusters
  }

  load(saved: unknown): void {
    this.#clusters = saved as Cluster[]
  }
}
