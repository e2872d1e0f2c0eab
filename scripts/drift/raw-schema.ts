import type { Json } from '../../src/call/content.ts'
import { get, isTree, listAt, type Tree, treeAt } from '../../src/catalog/spec/tree.ts'

/** A schema read by itself, apart from the product's reader: what is judged must not also be the judge. */
export interface RawSchema {
  readonly type: string | undefined
  readonly nullable: boolean
  readonly format: string | undefined
  readonly words: readonly Json[] | undefined
  readonly properties: ReadonlyMap<string, unknown>
  readonly required: ReadonlySet<string>
  readonly additional: unknown
  readonly items: unknown
}

export function resolve(root: Tree, raw: unknown): unknown {
  let at = raw
  for (let hops = 0; hops < 20; hops += 1) {
    const target = get(at, '$ref')
    if (typeof target !== 'string') return at
    at = undefined
    if (!target.startsWith('#/')) return undefined
    let next: unknown = root
    for (const part of target.slice(2).split('/'))
      next = Array.isArray(next)
        ? next[Number(part)]
        : get(next, decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    at = next
  }
  return undefined
}

/** References resolved, `allOf` joined, of alternatives the first. */
export function flat(root: Tree, raw: unknown, depth = 0): RawSchema {
  const schema = resolve(root, raw)
  const parts = [
    ...listAt(schema, 'allOf'),
    ...listAt(schema, 'oneOf').slice(0, 1),
    ...listAt(schema, 'anyOf').slice(0, 1),
  ].map(part => (depth > 8 ? flat(root, {}, 0) : flat(root, part, depth + 1)))
  const declared = get(schema, 'type')
  const types = Array.isArray(declared) ? declared : [declared]
  const words = get(schema, 'enum')
  const named = treeAt(schema, 'properties')
  const properties = new Map<string, unknown>(parts.flatMap(part => [...part.properties]))
  for (const key of Object.keys(named ?? {})) properties.set(key, get(named, key))
  const type =
    types.find(one => typeof one === 'string' && one !== 'null') ?? parts.find(one => one.type)?.type
  const format = get(schema, 'format') ?? parts.find(one => one.format)?.format
  return {
    type: typeof type === 'string' ? type : undefined,
    nullable: types.includes('null') || get(schema, 'nullable') === true,
    format: typeof format === 'string' ? format : undefined,
    words: Array.isArray(words) ? words : parts.find(one => one.words)?.words,
    properties,
    required: new Set([
      ...parts.flatMap(part => [...part.required]),
      ...listAt(schema, 'required').filter(one => typeof one === 'string'),
    ]),
    additional: get(schema, 'additionalProperties') ?? parts.find(one => one.additional)?.additional,
    items: get(schema, 'items') ?? parts.find(one => one.items)?.items,
  }
}

const samples: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  email: 'someone@shop.example',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://shop.example/a',
}

/** A value that keeps to a schema, as near to the given one as can be; undefined gives one from nothing. */
export function conform(root: Tree, value: Json | undefined, raw: unknown, depth = 0): Json {
  const schema = flat(root, raw)
  if (value === null && schema.nullable) return null
  if (schema.words !== undefined && schema.words.length > 0)
    return value !== undefined && schema.words.includes(value) ? value : (schema.words[0] as Json)
  const type =
    schema.type ?? (schema.properties.size > 0 ? 'object' : schema.items === undefined ? undefined : 'array')
  if (type === 'object') return conformObject(root, value, schema, depth)
  if (type === 'array') {
    const list = Array.isArray(value) ? (value as readonly Json[]) : []
    return depth > 10 ? [] : list.map(item => conform(root, item, schema.items ?? {}, depth + 1))
  }
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value) ? value : 7
  if (type === 'number') return typeof value === 'number' ? value : 7.5
  if (type === 'boolean') return typeof value === 'boolean' ? value : true
  if (type === 'string') {
    const sample = schema.format === undefined ? undefined : samples[schema.format]
    return sample ?? (typeof value === 'string' ? value : 'text')
  }
  return value ?? 'text'
}

function conformObject(root: Tree, value: Json | undefined, schema: RawSchema, depth: number): Json {
  const out: { [key: string]: Json } = {}
  const given = isTree(value) ? (value as { readonly [key: string]: Json }) : {}
  for (const [key, inner] of Object.entries(given)) {
    const property = schema.properties.get(key)
    if (schema.properties.has(key)) {
      if (depth <= 10) out[key] = conform(root, inner, property, depth + 1)
    } else if (isTree(schema.additional)) {
      if (depth <= 10) out[key] = conform(root, inner, schema.additional, depth + 1)
    } else if (schema.properties.size === 0 && schema.additional !== false) out[key] = inner
  }
  for (const name of schema.required)
    if (!Object.hasOwn(out, name) && depth <= 10)
      out[name] = conform(root, undefined, schema.properties.get(name) ?? {}, depth + 1)
  return out
}
