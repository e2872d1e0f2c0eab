import type { GraphNode, NodeKind } from './node.ts'

/** Nodes of a kind that belong together: drawn as one where there are many. */
export interface NodeGroup {
  readonly id: string
  readonly label: string
  readonly kind: NodeKind
  /** All members in the neighbourhood, also those beyond the limit. */
  readonly count: number
  /** Members that are told. */
  readonly nodes: readonly string[]
}

/**
 * What a node is grouped by: a workload by its namespace, an endpoint by its host, a store by its system and host, a principal and an
 * identity by their kind; others by what they are.
 */
export function groupOf({ kind, name }: Pick<GraphNode, 'kind' | 'name'>): string {
  switch (kind) {
    case 'workload': {
      const slash = name.lastIndexOf('/')
      return slash < 0 ? 'without namespace' : name.slice(0, slash)
    }
    case 'endpoint': {
      const space = name.indexOf(' ')
      const slash = name.indexOf('/', space)
      return name.slice(space + 1, slash < 0 ? name.length : slash)
    }
    case 'store': {
      const host = name.indexOf('://') + 3
      const slash = name.indexOf('/', host)
      return slash < 0 ? name : name.slice(0, slash)
    }
    case 'principal':
    case 'identity': {
      const colon = name.indexOf(':')
      return colon < 0 ? kind : name.slice(0, colon)
    }
    default:
      return kind
  }
}
