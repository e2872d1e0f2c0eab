import { keptWhole } from '../../kit/snapshot.ts'
import type { EdgeKind } from '../edge.ts'
import type { NodeFacts, NodeId } from '../node.ts'

export interface DeclaredEdge {
  readonly from: NodeId
  readonly to: NodeId
  readonly kind: EdgeKind
  /** Of a grant: its verbs. */
  readonly verbs?: string
}

/** What a part of a cluster declares: edges and facts. */
export class Declared {
  readonly edges = new Map<string, DeclaredEdge>()
  readonly nodes = new Map<NodeId, NodeFacts>()
  private readonly most: number
  /** Left out for room. */
  omitted = 0

  constructor(most: number) {
    this.most = most
  }

  edge(from: NodeId, to: NodeId, kind: EdgeKind, verbs?: string): void {
    const key = `${kind} ${from} ${to}`
    const known = this.edges.get(key)
    if (known !== undefined) {
      if (verbs !== undefined && known.verbs !== verbs)
        this.edges.set(key, { from, to, kind, verbs: joined(known.verbs, verbs) })
      return
    }
    if (this.edges.size >= this.most) {
      this.omitted += 1
      return
    }
    this.edges.set(key, { from, to, kind, ...(verbs === undefined ? {} : { verbs }) })
  }

  facts(id: NodeId, facts: NodeFacts): void {
    this.nodes.set(id, { ...this.nodes.get(id), ...facts })
  }

  static {
    keptWhole(Declared, 'graph/declared', 1)
  }
}

const joined = (a: string | undefined, b: string): string =>
  [...new Set([...(a ?? '').split(','), ...b.split(',')])]
    .filter(verb => verb !== '')
    .sort()
    .join(',')
