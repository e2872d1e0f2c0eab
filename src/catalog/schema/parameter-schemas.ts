import type { Json } from '../../call/content.ts'
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
  readonly node: FieldNode
}

/** The parameters of one operation: path segments by position, query and header fields by name. */
export class ParameterSchemas {
  readonly #parameters = new Map<string, Parameter>()
  /** Path, query and header fields of one operation stand beside each other. */
  readonly #names = new Neighbours()

  learn(place: Place, name: string, value: Json, scope: SchemaScope, title = name): void {
    const key = `${place}:${name}`
    let parameter = this.#parameters.get(key)
    if (parameter === undefined) {
      if (this.#parameters.size >= maxParameters || name.length > scope.limits.nameLength) {
        scope.skippedFields += 1
        return
      }
      if (!scope.reserve()) return
      parameter = { place, name, node: new FieldNode() }
      this.#names.add(scope.classes.planFor(title))
      parameter.node.join(this.#names)
      this.#parameters.set(key, parameter)
    }
    parameter.node.learnText(value, title, 0, scope)
  }

  absorb(other: ParameterSchemas, scope: SchemaScope): void {
    for (const [key, theirs] of other.#parameters) {
      const mine = this.#parameters.get(key)
      if (mine !== undefined) {
        mine.node.absorb(theirs.node, scope)
        continue
      }
      const size = theirs.node.size()
      if (this.#parameters.size >= maxParameters || scope.fields + size > scope.limits.fields) {
        scope.skippedFields += 1
        continue
      }
      scope.fields += size
      this.#names.add(scope.classes.planFor(theirs.node.evidence?.name ?? theirs.name))
      theirs.node.join(this.#names)
      this.#parameters.set(key, theirs)
    }
  }

  /** @param nameAt The name of a path segment's placeholder; undefined where the segment is a literal now. */
  entries(
    nameAt: (segment: number) => string | undefined,
  ): readonly { readonly place: Place; readonly name: string; readonly node: FieldNode }[] {
    const entries: Parameter[] = []
    for (const { place, name, node } of this.#parameters.values()) {
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
}
