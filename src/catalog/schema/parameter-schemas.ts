import type { Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { Neighbours } from '../data-classes/registry/neighbours.ts'
import type { LearnedParameter } from '../messages.ts'
import { compare } from './body-schemas.ts'
import { FieldNode } from './field-node.ts'
import { nodeSchema } from './node-schema.ts'
import type { SchemaScope } from './schema-limits.ts'

/** Parameters of one operation; further ones are counted and not learned. */
const maxParameters = 64

type Place = LearnedParameter['in']

interface Parameter {
  readonly place: Place
  /** Of the path: the number of its segment, because names there may change. */
  readonly name: string
  /** What the evidence of its data took for its name. */
  readonly title: string
  readonly node: FieldNode
}

/**
 * The parameters of one operation: path segments by position, query and header fields by name. A name is one whole, whatever is in
 * it: `filter[name]` and `a.b` are each one parameter, and no way into an object.
 */
export class ParameterSchemas {
  private parameters: readonly Parameter[] = none
  /** Path, query and header fields of one operation stand beside each other. */
  private names: Neighbours | undefined

  learn(place: Place, name: string, value: Json, scope: SchemaScope, title = name): void {
    const parameter = this.find(place, name) ?? this.add(place, name, title, scope)
    parameter?.node.learnText(value, title, 0, scope, this.names)
  }

  private find(place: Place, name: string): Parameter | undefined {
    for (const parameter of this.parameters)
      if (parameter.name === name && parameter.place === place) return parameter
    return undefined
  }

  private add(place: Place, name: string, title: string, scope: SchemaScope): Parameter | undefined {
    if (this.parameters.length >= maxParameters || name.length > scope.limits.nameLength) {
      scope.skippedFields += 1
      return undefined
    }
    if (!scope.reserve()) return undefined
    const parameter: Parameter = { place, name, title, node: new FieldNode() }
    this._place(parameter, scope)
    return parameter
  }

  private _place(parameter: Parameter, scope: SchemaScope): void {
    this.names ??= new Neighbours()
    this.names.add(scope.classes.planFor(parameter.title))
    parameter.node.join(this.names)
    this.parameters = this.parameters.concat([parameter])
  }

  absorb(other: ParameterSchemas, scope: SchemaScope): void {
    scope.wire = 'text'
    for (const theirs of other.parameters) {
      const mine = this.find(theirs.place, theirs.name)
      if (mine !== undefined) {
        mine.node.absorb(theirs.node, scope)
        if (this.names !== undefined) mine.node.join(this.names)
      } else if (this.parameters.length >= maxParameters) scope.skippedFields += 1
      else if (scope.reserve(theirs.node.size())) this._place(theirs, scope)
    }
    scope.wire = 'json'
  }

  /** @param nameAt The name of a path segment's placeholder; undefined where the segment is a literal now. */
  entries(
    nameAt: (segment: number) => string | undefined,
  ): readonly { readonly place: Place; readonly name: string; readonly node: FieldNode }[] {
    const entries: { place: Place; name: string; node: FieldNode }[] = []
    for (const { place, name, node } of this.parameters) {
      const shown = place === 'path' ? nameAt(Number(name)) : name
      if (shown !== undefined) entries.push({ place, name: shown, node })
    }
    return entries
  }

  build(
    nameAt: (segment: number) => string | undefined,
    requests: number,
    scope: SchemaScope,
  ): readonly LearnedParameter[] {
    const view = { limits: scope.limits, textual: true, closable: false }
    return this.entries(nameAt)
      .map(({ place, name, node }) => ({
        in: place,
        name,
        required: place === 'path' || (requests >= scope.limits.requiredAfter && node.bodies >= requests),
        schema: nodeSchema(node, view, name),
      }))
      .sort((a, b) => compare(a.in, b.in) || compare(a.name, b.name))
  }

  static {
    keptWhole(ParameterSchemas, 'catalog/parameter-schemas', 1)
  }
}

const none: readonly Parameter[] = []
