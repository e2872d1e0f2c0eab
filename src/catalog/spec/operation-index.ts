import type { EndpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { type RootKind, rootKinds } from './graphql/graphql-schema.ts'
import { GraphqlSchemas } from './graphql/graphql-schemas.ts'
import type { BoundOperation } from './match.ts'
import type { Specification } from './specification.ts'

/** Names that were looked up; a cache, emptied when full. */
const mostNames = 20_000

/** The operations of protocols beyond plain HTTP that specifications name, found by the id of an endpoint. */
export class OperationIndex {
  /** By `package.Service/Method`. */
  private readonly methods = new Map<string, BoundOperation>()
  /** By `query:orders`, in the order of the specifications. */
  private readonly roots = new Map<string, BoundOperation[]>()
  private readonly schemas = new Map<Specification, GraphqlSchemas>()
  private readonly known = new Map<string, BoundOperation | undefined>()

  constructor(bound: readonly BoundOperation[]) {
    for (const one of bound) {
      const { operation, specification } = one
      if (operation.protocol === 'grpc') {
        const key = operation.path.slice(1)
        if (!this.methods.has(key)) this.methods.set(key, one)
      } else if (operation.protocol === 'graphql') {
        const key = operation.path.slice(1)
        const list = this.roots.get(key)
        if (list === undefined) this.roots.set(key, [one])
        else list.push(one)
        if (specification.graphql !== undefined && !this.schemas.has(specification))
          this.schemas.set(specification, new GraphqlSchemas(specification.graphql))
      }
    }
  }

  get hasGraphql(): boolean {
    return this.roots.size > 0
  }

  /** Each operation that the calls of an endpoint were of: of `query:customer,orders` both. */
  all(id: EndpointId): readonly BoundOperation[] {
    const bound = this.find(id)
    if (bound?.graphql === undefined) return bound === undefined ? [] : [bound]
    const { kind, roots } = bound.graphql
    return [...(roots ?? [])].flatMap(root =>
      (this.roots.get(`${kind}:${root}`) ?? []).filter(one => one.specification === bound.specification),
    )
  }

  get empty(): boolean {
    return this.methods.size === 0 && this.roots.size === 0
  }

  /** @param id `POST api.example/graphql#query:orders`, `POST api.example/shop.Orders/Get`. */
  find(id: EndpointId): BoundOperation | undefined {
    if (this.empty) return undefined
    const mark = id.indexOf('#')
    return mark < 0 ? this.method(id) : this.named(id.slice(mark + 1))
  }

  private method(id: EndpointId): BoundOperation | undefined {
    if (this.methods.size === 0) return undefined
    const last = id.lastIndexOf('/')
    const before = id.lastIndexOf('/', last - 1)
    return before < 0 ? undefined : this.methods.get(id.slice(before + 1))
  }

  private named(name: string): BoundOperation | undefined {
    if (this.roots.size === 0) return undefined
    if (this.known.has(name)) return this.known.get(name)
    const made = this.graphql(name)
    if (this.known.size >= mostNames) this.known.clear()
    this.known.set(name, made)
    return made
  }

  /** Of several root fields the schema that has the most of them. */
  private graphql(name: string): BoundOperation | undefined {
    const colon = name.indexOf(':')
    const kind = rootKinds.find(one => one === name.slice(0, colon))
    if (kind === undefined) return undefined
    const roots = name.slice(colon + 1).split(',')
    const votes = new Map<Specification, { readonly first: BoundOperation; votes: number }>()
    for (const root of roots)
      for (const bound of this.roots.get(`${kind}:${root}`) ?? []) {
        const vote = votes.get(bound.specification)
        if (vote === undefined) votes.set(bound.specification, { first: bound, votes: 1 })
        else vote.votes += 1
      }
    let best: { readonly first: BoundOperation; votes: number } | undefined
    for (const vote of votes.values()) if (best === undefined || vote.votes > best.votes) best = vote
    return best === undefined ? undefined : this.bind(best.first, kind, roots)
  }

  private bind(first: BoundOperation, kind: RootKind, roots: readonly string[]): BoundOperation | undefined {
    const { operation, specification } = first
    const schemas = this.schemas.get(specification)
    if (specification.graphql === undefined || schemas === undefined) return undefined
    const alone = roots.length === 1
    return {
      ...first,
      operation: alone ? operation : { ...operation, path: `#${kind}:${roots.join(',')}`, deprecated: false },
      graphql: {
        schema: specification.graphql,
        schemas,
        kind,
        roots: roots.includes('*') ? undefined : new Set(roots),
        told: alone,
      },
    }
  }

  static {
    keptWhole(OperationIndex, 'catalog/operation-index', 1)
  }
}
