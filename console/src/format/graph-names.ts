import type { EdgeKind } from '../../../src/graph/edge.ts'
import type { NodeKind } from '../../../src/graph/node.ts'
import { dataClassName, endpointParts, endpointShort, principalName } from './names.ts'
import { dataPath, endpointPath, graphPath, principalPath, workloadPath } from './paths.ts'

/** Words for kinds of nodes, one and many. */
const kinds: Readonly<Record<NodeKind, readonly [one: string, many: string]>> = {
  internet: ['outside', 'outside'],
  principal: ['principal', 'principals'],
  identity: ['identity', 'identities'],
  workload: ['workload', 'workloads'],
  endpoint: ['endpoint', 'endpoints'],
  store: ['store', 'stores'],
  data: ['class of data', 'classes of data'],
  host: ['outside host', 'outside hosts'],
}

export const nodeKinds = Object.keys(kinds) as readonly NodeKind[]

export const kindName = (kind: NodeKind): string => kinds[kind][0]
export const kindNames = (kind: NodeKind): string => kinds[kind][1]

/** Kind and name of a node's id; what carries no kind that is known is a host. */
export function nodeParts(id: string): { readonly kind: NodeKind; readonly name: string } {
  if (id === 'internet') return { kind: 'internet', name: 'internet' }
  const colon = id.indexOf(':')
  const kind = nodeKinds.find(known => known === id.slice(0, colon))
  return kind === undefined ? { kind: 'host', name: id } : { kind, name: id.slice(colon + 1) }
}

interface StoreParts {
  readonly system: string
  readonly host: string
  readonly collection: string
}

/** `postgresql://orders-db/shop/orders` → its system, its host and what it holds. */
function storeParts(name: string): StoreParts {
  const end = name.indexOf('://')
  const system = end < 0 ? '' : name.slice(0, end)
  const rest = end < 0 ? name : name.slice(end + 3)
  const slash = rest.indexOf('/')
  return slash < 0
    ? { system, host: rest, collection: '' }
    : { system, host: rest.slice(0, slash), collection: rest.slice(slash + 1) }
}

/** What a node is called in a sentence and on its box; `kind:*` stands for any of a kind. */
export function nodeName(id: string): string {
  const { kind, name } = nodeParts(id)
  if (name === '*') return `any ${kindName(kind)}`
  switch (kind) {
    case 'internet':
      return 'the internet'
    case 'endpoint':
      return endpointShort(name)
    case 'data':
      return `${dataClassName(name)} data`
    case 'store': {
      const { system, host, collection } = storeParts(name)
      return `${system} ${collection === '' ? host : collection}`.trim()
    }
    case 'principal':
      return principalName(name)
    default:
      return name
  }
}

/** The first line of a box; what stands in the second is left out. */
export function nodeTitle(id: string): string {
  const { kind, name } = nodeParts(id)
  if (kind !== 'store' || name === '*') return nodeName(id)
  const { host, collection } = storeParts(name)
  return collection === '' ? host : collection
}

/** The second line of a box: what kind of thing it is, and where. */
export function nodePlace(id: string): string {
  const { kind, name } = nodeParts(id)
  if (kind === 'internet') return 'anyone'
  if (kind === 'endpoint') return endpointParts(name).host || kindName(kind)
  if (kind === 'store') {
    const { system, host, collection } = storeParts(name)
    return collection === '' ? system || 'store' : `${system || 'store'} on ${host}`
  }
  return kindName(kind)
}

/** Where more of a node is told: its own page where it has one, else the graph around it. */
export function nodePath(id: string): string {
  const { kind, name } = nodeParts(id)
  if (name !== '*') {
    if (kind === 'endpoint') return endpointPath(name)
    if (kind === 'principal') return principalPath(name)
    if (kind === 'workload') return workloadPath(name)
    if (kind === 'data') return dataPath(name)
  }
  return graphPath({ focus: id })
}

/** What one does to the next, where it did and where it only may. */
const verbs: Readonly<Record<EdgeKind, readonly [did: string, may: string]>> = {
  calls: ['calls', 'may call'],
  serves: ['is served by', 'may be served by'],
  reads: ['reads', 'may read'],
  writes: ['writes to', 'may write to'],
  carries: ['holds', 'may hold'],
  'runs-as': ['runs as', 'may run as'],
  assumes: ['takes on', 'may take on'],
  may: ['uses its grant on', 'is granted'],
  exposes: ['reaches', 'is let in to'],
}

export function edgeVerb(edge: {
  readonly kind: EdgeKind
  readonly did: boolean
  readonly from: string
}): string {
  if (edge.kind === 'carries' && nodeParts(edge.from).kind === 'endpoint')
    return edge.did ? 'gives out' : 'may give out'
  const [did, may] = verbs[edge.kind]
  return edge.did ? did : may
}
