import fc from 'fast-check'
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
  /** The schema and those it is joined of: what bounds and patterns they name all hold. */
  readonly parts: readonly unknown[]
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
    parts: [schema, ...parts.flatMap(part => part.parts)],
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
  time: '12:00:00Z',
  duration: 'PT1H',
  hostname: 'shop.example',
}

/** A number moved within its bounds, and onto the step they ask for. */
function numberWithin(value: number, { parts }: RawSchema, step: number): number {
  let made = value
  for (const part of parts) {
    const bound = (key: string): number | undefined => {
      const found = get(part, key)
      return typeof found === 'number' ? found : undefined
    }
    const strict = (key: string): boolean => get(part, key) === true
    const grain = step === 0 ? 0.5 : 1
    const least = bound('minimum')
    if (least !== undefined && (made < least || (strict('exclusiveMinimum') && made === least)))
      made = strict('exclusiveMinimum') ? least + grain : least
    const above = bound('exclusiveMinimum')
    if (above !== undefined && made <= above) made = above + grain
    const most = bound('maximum')
    if (most !== undefined && (made > most || (strict('exclusiveMaximum') && made === most)))
      made = strict('exclusiveMaximum') ? most - grain : most
    const below = bound('exclusiveMaximum')
    if (below !== undefined && made >= below) made = below - grain
    const of = bound('multipleOf')
    if (of !== undefined && of > 0) made = Math.floor(made / of) * of
    if (of !== undefined && least !== undefined && made < least) made = Math.ceil(least / of) * of
    if (step === 1) made = Math.round(made)
  }
  return made
}

const texts = new Map<string, string | undefined>()

/** With the flag that JSON Schema recommends, where the pattern can be read so. */
function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

/** A text of the length and the pattern asked for; patterns are tried by the engine of JavaScript. */
function textWithin(value: string, { parts }: RawSchema): string {
  const numbers = (key: string): number[] =>
    parts.flatMap(part => {
      const found = get(part, key)
      return typeof found === 'number' ? [found] : []
    })
  const least = Math.max(0, ...numbers('minLength'))
  const most = Math.min(100_000, ...numbers('maxLength'))
  const patterns = parts.flatMap(part => {
    const found = get(part, 'pattern')
    return typeof found === 'string' ? [found] : []
  })
  const cut = value.slice(0, most)
  const made = cut.length < least ? cut.padEnd(least, 'x') : cut
  const [pattern] = patterns
  if (pattern === undefined) return made
  const expression = expressionOf(pattern)
  if (expression.test(made)) return made
  const key = `${pattern} ${least} ${most}`
  if (!texts.has(key)) {
    let found: string | undefined
    try {
      const drawn = fc.sample(fc.stringMatching(expression), { seed: 7, numRuns: 200 })
      found = drawn.find(
        text => text.length >= least && text.length <= most && text.trim() === text && text !== '',
      )
    } catch {
      found = undefined
    }
    texts.set(key, found)
  }
  return texts.get(key) ?? made
}

function listWithin(given: readonly Json[], { parts }: RawSchema, one: () => Json): Json {
  let made = [...given]
  for (const part of parts) {
    const least = get(part, 'minItems')
    const most = get(part, 'maxItems')
    if (get(part, 'uniqueItems') === true)
      made = [...new Map(made.map(item => [JSON.stringify(item), item])).values()]
    if (typeof least === 'number') while (made.length < Math.min(least, 50)) made.push(one())
    if (typeof most === 'number') made = made.slice(0, most)
  }
  return made
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
    const given = depth > 10 ? [] : list.map(item => conform(root, item, schema.items ?? {}, depth + 1))
    return listWithin(given, schema, () => conform(root, undefined, schema.items ?? {}, depth + 1))
  }
  if (type === 'integer')
    return numberWithin(typeof value === 'number' && Number.isInteger(value) ? value : 7, schema, 1)
  if (type === 'number') return numberWithin(typeof value === 'number' ? value : 7.5, schema, 0)
  if (type === 'boolean') return typeof value === 'boolean' ? value : true
  if (type === 'string') {
    const sample = schema.format === undefined ? undefined : samples[schema.format]
    return sample ?? textWithin(typeof value === 'string' ? value : 'text', schema)
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
