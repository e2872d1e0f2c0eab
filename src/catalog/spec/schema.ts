import type { Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { References } from './references.ts'
import { get, isTree, listAt, treeAt } from './tree.ts'
import { type Facet, type FacetKind, facetsOf } from './values/facet.ts'

export type SchemaType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'object' | 'array'

/** What a schema says about one place, after references and combinations are folded. */
export interface SchemaView {
  /** Undefined: any. `number` includes integers. */
  readonly types?: ReadonlySet<SchemaType>
  readonly properties: ReadonlyMap<string, SpecSchema>
  readonly required: ReadonlySet<string>
  /** Names beyond `properties`: said to be allowed, said to be forbidden, or nothing said. */
  readonly others: 'open' | 'closed' | 'silent'
  readonly additional?: SpecSchema
  readonly items?: SpecSchema
  readonly enum?: readonly Json[]
  readonly format?: string
  /** Bounds and patterns; all hold of the values of their type. */
  readonly facets: readonly Facet[]
  readonly readOnly: boolean
  readonly writeOnly: boolean
  readonly deprecated: boolean
}

type Source =
  | { readonly kind: 'raw'; readonly raw: unknown; readonly reader: SchemaReader }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly SpecSchema[] }

/** Alternatives or parts folded into one place; with more, nothing is said about it. */
const maxParts = 256
/** Parts within parts that are folded, words of an enumeration and bounds of one value that are kept: with more, nothing is said. */
const maxFolding = 200
const maxWords = 10_000
const maxFacets = 64
/** Folds that are under way, one within the other. */
let folding = 0
const anything: SchemaView = {
  properties: new Map(),
  required: new Set(),
  others: 'open',
  facets: [],
  readOnly: false,
  writeOnly: false,
  deprecated: false,
}

/**
 * A schema of a specification, read when it is first asked for: recursive schemas cost only as deep as a body goes.
 * Alternatives are folded towards leniency: a property of any alternative is known, one required by all is required.
 */
export class SpecSchema {
  private readonly source: Source
  private _view: SchemaView | undefined
  private busy = false

  constructor(source: Source) {
    this.source = source
  }

  view(): SchemaView {
    if (this._view !== undefined) return this._view
    // A schema that is part of itself (`allOf` in a circle) says nothing.
    // Nor does one whose parts lie in each other deeper than anybody writes.
    if (this.busy || folding >= maxFolding) return anything
    this.busy = true
    folding += 1
    try {
      this._view = this.fold()
    } finally {
      this.busy = false
      folding -= 1
    }
    return this._view
  }

  private fold(): SchemaView {
    const source = this.source
    if (source.kind === 'raw') return source.reader.read(source.raw)
    return source.kind === 'all' ? allOf(source.parts) : anyOf(source.parts)
  }

  static {
    keptWhole(SpecSchema, 'catalog/spec-schema', 1)
  }
}

export const anySchema = new SpecSchema({ kind: 'all', parts: [] })

/** Reads JSON Schema as OpenAPI 2.0, 3.0 and 3.1 write it. One per document: the same place gives the same schema. */
export class SchemaReader {
  private readonly references: References
  private known = new WeakMap<object, SpecSchema>()

  constructor(references: References) {
    this.references = references
  }

  schema(raw: unknown): SpecSchema {
    if (typeof raw !== 'object' || raw === null) return anySchema
    const known = this.known.get(raw)
    if (known !== undefined) return known
    const made = new SpecSchema({ kind: 'raw', raw, reader: this })
    this.known.set(raw, made)
    return made
  }

  read(raw: unknown): SchemaView {
    const found = this.references.follow(raw)
    if (!isTree(found)) return anything
    // A reference with siblings (3.1) is read as the reference alone: what stands beside it is nearly always prose.
    if (found !== raw) return this.schema(found).view()
    const parts: SpecSchema[] = []
    for (const part of listAt(found, 'allOf').slice(0, maxParts)) parts.push(this.schema(part))
    for (const key of ['oneOf', 'anyOf']) {
      const alternatives = listAt(found, key)
      if (alternatives.length > 0 && alternatives.length <= maxParts)
        parts.push(new SpecSchema({ kind: 'any', parts: alternatives.map(one => this.schema(one)) }))
      else if (alternatives.length > maxParts) return anything
    }
    const own = this.own(found)
    if (parts.length === 0) return own
    return fold([own, ...parts.map(part => part.view())])
  }

  private own(raw: unknown): SchemaView {
    const properties = new Map<string, SpecSchema>()
    const named = treeAt(raw, 'properties')
    for (const key of Object.keys(named ?? {})) properties.set(key, this.schema(get(named, key)))
    const required = new Set(listAt(raw, 'required').filter(name => typeof name === 'string'))
    const additional = get(raw, 'additionalProperties')
    const patterns = treeAt(raw, 'patternProperties')
    const types = typesOf(raw)
    const words = get(raw, 'enum')
    const constant = get(raw, 'const')
    const format = get(raw, 'format')
    const items = get(raw, 'items')
    return {
      ...(types === undefined ? {} : { types }),
      properties,
      required,
      others:
        additional === false && patterns === undefined
          ? 'closed'
          : (additional !== undefined && additional !== false) || patterns !== undefined
            ? 'open'
            : 'silent',
      ...(isTree(additional) && Object.keys(additional).length > 0
        ? { additional: this.schema(additional) }
        : {}),
      ...(isTree(items) ? { items: this.schema(items) } : {}),
      ...(Array.isArray(words)
        ? { enum: words as Json[] }
        : constant === undefined
          ? {}
          : { enum: [constant as Json] }),
      ...(typeof format === 'string' ? { format } : {}),
      facets: facetsOf(raw),
      readOnly: get(raw, 'readOnly') === true,
      writeOnly: get(raw, 'writeOnly') === true,
      deprecated: get(raw, 'deprecated') === true,
    }
  }

  static {
    keptWhole(SchemaReader, 'catalog/schema-reader', 1, {
      without: ['known'],
      settle: reader => {
        reader.known = new WeakMap()
      },
    })
  }
}

const known: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'object',
  'array',
])

function typesOf(raw: unknown): ReadonlySet<SchemaType> | undefined {
  const declared = get(raw, 'type')
  const list = Array.isArray(declared) ? declared : declared === undefined ? [] : [declared]
  if (list.length === 0) return undefined
  if (!list.every((type): type is SchemaType => typeof type === 'string' && known.has(type))) return undefined
  const types = new Set<SchemaType>(list)
  if (get(raw, 'nullable') === true || get(raw, 'x-nullable') === true) types.add('null')
  const words = get(raw, 'enum')
  if (Array.isArray(words) && words.includes(null)) types.add('null')
  return types
}

const allOf = (parts: readonly SpecSchema[]): SchemaView => fold(parts.map(part => part.view()))

/** All of them hold. Where they contradict each other, nothing is said. */
function fold(views: readonly SchemaView[]): SchemaView {
  if (views.length === 0) return anything
  if (views.length === 1) return views[0]!
  let types: ReadonlySet<SchemaType> | undefined
  let words: readonly Json[] | undefined
  const properties = new Map<string, SpecSchema[]>()
  const required = new Set<string>()
  const items: SpecSchema[] = []
  const additional: SpecSchema[] = []
  for (const view of views) {
    types = types === undefined ? view.types : view.types === undefined ? types : common(types, view.types)
    words ??= view.enum
    for (const [name, schema] of view.properties) {
      const list = properties.get(name)
      if (list === undefined) properties.set(name, [schema])
      else if (!list.includes(schema)) list.push(schema)
    }
    for (const name of view.required) required.add(name)
    if (view.items !== undefined && !items.includes(view.items)) items.push(view.items)
    if (view.additional !== undefined && !additional.includes(view.additional))
      additional.push(view.additional)
  }
  const format = views.find(view => view.format !== undefined)?.format
  return {
    ...(types === undefined || types.size === 0 ? {} : { types }),
    properties: new Map([...properties].map(([name, list]) => [name, join('all', list)])),
    required,
    // `closed` in one part of several cannot be meant: the other parts' names would be forbidden too.
    others: views.some(view => view.others === 'open' && view !== anything)
      ? 'open'
      : views.includes(anything)
        ? 'open'
        : 'silent',
    ...(additional.length === 0 ? {} : { additional: join('all', additional) }),
    ...(items.length === 0 ? {} : { items: join('all', items) }),
    ...(words === undefined ? {} : { enum: words }),
    ...(format === undefined ? {} : { format }),
    facets: distinct(views.flatMap(view => view.facets)).slice(0, maxFacets),
    readOnly: views.some(view => view.readOnly),
    writeOnly: views.some(view => view.writeOnly),
    deprecated: views.some(view => view.deprecated),
  }
}

function common(a: ReadonlySet<SchemaType>, b: ReadonlySet<SchemaType>): ReadonlySet<SchemaType> {
  const both = new Set([...a].filter(type => b.has(type)))
  if (a.has('number') && b.has('integer')) both.add('integer')
  if (a.has('integer') && b.has('number')) both.add('integer')
  return both
}

/** Any of them may hold. */
function anyOf(parts: readonly SpecSchema[]): SchemaView {
  const views = parts.map(part => part.view())
  if (views.length === 0) return anything
  const types = new Set<SchemaType>()
  let typed = true
  let words: Json[] | undefined = []
  const properties = new Map<string, SpecSchema[]>()
  let required: Set<string> | undefined
  const items: SpecSchema[] = []
  const additional: SpecSchema[] = []
  let bareArray = false
  for (const view of views) {
    if (view.types === undefined) typed = false
    else for (const type of view.types) types.add(type)
    if (view.enum === undefined) words = undefined
    else if (words !== undefined) words = distinct([...words, ...view.enum])
    if (words !== undefined && words.length > maxWords) words = undefined
    for (const [name, schema] of view.properties) {
      const list = properties.get(name)
      if (list === undefined) properties.set(name, [schema])
      else if (!list.includes(schema)) list.push(schema)
    }
    if (view.types?.has('object') !== false) {
      required =
        required === undefined
          ? new Set(view.required)
          : new Set([...required].filter(name => view.required.has(name)))
    }
    if (view.items !== undefined) {
      if (!items.includes(view.items)) items.push(view.items)
    } else if (view.types?.has('array') === true) bareArray = true
    if (view.additional !== undefined && !additional.includes(view.additional))
      additional.push(view.additional)
  }
  const formats = new Set(views.map(view => view.format))
  const [format] = formats
  const objects = views.filter(view => view.types === undefined || view.types.has('object'))
  return {
    ...(typed && types.size > 0 ? { types } : {}),
    properties: new Map([...properties].map(([name, list]) => [name, join('any', list)])),
    required: required ?? new Set(),
    others: objects.some(
      view => view.others === 'open' || (view.properties.size === 0 && view.others === 'silent'),
    )
      ? 'open'
      : 'silent',
    ...(additional.length === 0 ? {} : { additional: join('any', additional) }),
    ...(items.length === 0 || bareArray ? {} : { items: join('any', items) }),
    ...(words === undefined ? {} : { enum: words }),
    ...(formats.size === 1 && format !== undefined ? { format } : {}),
    facets: kinds.flatMap(kind => commonFacets(views, kind)),
    readOnly: views.every(view => view.readOnly),
    writeOnly: views.every(view => view.writeOnly),
    deprecated: views.every(view => view.deprecated),
  }
}

const distinct = <Item>(list: readonly Item[]): Item[] => [...new Set(list)]

const kinds: readonly FacetKind[] = ['string', 'number', 'array']

/** Of alternatives only where one of them alone may be of that type: with two, either may be meant. */
function commonFacets(views: readonly SchemaView[], kind: FacetKind): readonly Facet[] {
  const able = views.filter(
    ({ types }) => types === undefined || types.has(kind) || (kind === 'number' && types.has('integer')),
  )
  return able.length === 1 ? able[0]!.facets.filter(facet => facet.kind === kind) : []
}

function join(kind: 'all' | 'any', parts: readonly SpecSchema[]): SpecSchema {
  if (parts.length === 1) return parts[0]!
  return parts.length > maxParts ? anySchema : new SpecSchema({ kind, parts })
}
