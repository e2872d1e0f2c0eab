import type { PolicyLanguageView } from '../../../src/server/api/policy-language.ts'

/** What can stand at a place of a policy, besides what its schema says: from the catalog. */
export interface Vocabulary {
  readonly language: Pick<PolicyLanguageView, 'schema' | 'facts' | 'functions' | 'templates'>
  /** `GET /orders/{orderId}`. */
  readonly endpoints: readonly string[]
  readonly hosts: readonly string[]
  readonly roles: readonly string[]
  readonly dataClasses: readonly string[]
}

export interface Offer {
  readonly label: string
  /** Beside it: a type, or what it is. */
  readonly detail: string
  /** What is written, where it is more than the label. */
  readonly apply?: string
  readonly kind: 'fact' | 'function' | 'key' | 'value' | 'template'
}

export interface Offers {
  /** Where what is replaced begins. */
  readonly from: number
  readonly options: readonly Offer[]
}

type Schema = Readonly<Record<string, unknown>>

const expressionKeys: ReadonlySet<string> = new Set(['when', 'key', 'cost'])

/** What fits at an offset of a policy's text; undefined where nothing is known to. */
export function offersAt(text: string, at: number, vocabulary: Vocabulary): Offers | undefined {
  const { language } = vocabulary
  if (text.slice(0, at).trim() === '' && !text.slice(at).includes(':')) return templatesAt(language)
  const place = placeAt(text, at, path => isScalar(schemasAt(language.schema, path)))
  if (place.inComment) return undefined
  const last = place.path.at(-1) ?? ''
  if (place.value !== undefined && expressionKeys.has(last)) return inExpression(text, at, vocabulary)
  if (place.value === undefined) {
    const from = at - (/[\w-]*$/.exec(text.slice(0, at))?.[0].length ?? 0)
    const keys = keysOf(schemasAt(language.schema, place.path)).filter(
      ({ label }) => !place.siblings.has(label),
    )
    return keys.length === 0 ? undefined : { from, options: keys }
  }
  const from = at - place.value.length
  const values = valuesOf(place.path, vocabulary)
  return values.length === 0 ? undefined : { from, options: values }
}

const templatesAt = ({ templates }: Vocabulary['language']): Offers => ({
  from: 0,
  options: templates.map(({ id, summary, source }) => ({
    label: id,
    detail: summary,
    apply: source,
    kind: 'template',
  })),
})

function inExpression(text: string, at: number, { language, roles, dataClasses }: Vocabulary): Offers {
  const before = text.slice(0, at)
  const quoted = /"([\w.-]*)$|'([\w.-]*)$/.exec(before.slice(before.lastIndexOf('\n') + 1))
  // Within a quoted YAML text there is an odd number of quotes before an unquoted word as well: a space or operator ends the literal.
  const literal = quoted !== null && /(?:in|==|!=|\[|\(|,)\s*\\?["'][\w.-]*$/.test(before)
  if (literal) {
    const typed = quoted[1] ?? quoted[2] ?? ''
    return {
      from: at - typed.length,
      options: [
        ...roles.map(role => value(role, 'role of callers')),
        ...dataClasses.map(one => value(one, 'class of data')),
      ],
    }
  }
  const from = at - (/[\w.]*$/.exec(before)?.[0].length ?? 0)
  return {
    from,
    options: [
      ...language.facts.map(({ name, type }): Offer => ({ label: name, detail: type, kind: 'fact' })),
      ...language.functions.map(
        ({ name, about }): Offer => ({ label: name, detail: about, kind: 'function' }),
      ),
    ],
  }
}

const value = (label: string, detail: string): Offer => ({
  label,
  detail,
  kind: 'value',
})

const needsQuotes = /[{}[\],&*#?|<>=!%@`:]|^\s|\s$/
const asScalar = (label: string, detail: string): Offer =>
  needsQuotes.test(label) ? { ...value(label, detail), apply: JSON.stringify(label) } : value(label, detail)

function valuesOf(path: readonly string[], vocabulary: Vocabulary): readonly Offer[] {
  const key = [...path].reverse().find(one => one !== '[]') ?? ''
  const within = path.includes('match')
  if (within && key === 'endpoints') return vocabulary.endpoints.map(one => asScalar(one, 'endpoint'))
  if (within && key === 'hosts') return vocabulary.hosts.map(one => asScalar(one, 'host'))
  if (within && key === 'roles') return vocabulary.roles.map(one => asScalar(one, 'role of callers'))
  if (key === 'dataClasses') return vocabulary.dataClasses.map(one => asScalar(one, 'class of data'))
  const found = new Map<string, Offer>()
  for (const schema of schemasAt(vocabulary.language.schema, path))
    for (const one of literals(schema)) found.set(one, value(one, key))
  return [...found.values()]
}

function literals(schema: Schema): readonly string[] {
  if (Array.isArray(schema.enum)) return schema.enum.map(String)
  if (schema.const !== undefined) return [String(schema.const)]
  if (schema.type === 'boolean') return ['true', 'false']
  return []
}

const isSchema = (one: unknown): one is Schema =>
  typeof one === 'object' && one !== null && !Array.isArray(one)

/** The schemas that hold at a path; an action is any of several. `[]` goes into a list. */
function schemasAt(root: Schema, path: readonly string[]): readonly Schema[] {
  let found: readonly Schema[] = [root]
  for (const name of path)
    found = found.flatMap(alternatives).flatMap(schema => {
      const next = name === '[]' ? schema.items : (schema.properties as Schema | undefined)?.[name]
      return isSchema(next) ? [next] : []
    })
  return found.flatMap(alternatives)
}

/** Nothing can stand there but a value: the schema knows the place, and no keys of it. */
const isScalar = (schemas: readonly Schema[]): boolean =>
  schemas.length > 0 && schemas.every(({ properties, type }) => properties === undefined && type !== 'object')

const alternatives = (schema: Schema): readonly Schema[] =>
  Array.isArray(schema.anyOf) ? schema.anyOf.filter(isSchema).flatMap(alternatives) : [schema]

function keysOf(schemas: readonly Schema[]): readonly Offer[] {
  const keys = new Map<string, Offer>()
  for (const { properties } of schemas)
    if (isSchema(properties))
      for (const [key, schema] of Object.entries(properties)) {
        const isList = isSchema(schema) && schema.type === 'array'
        const isMap = isSchema(schema) && schema.type === 'object'
        const detail = isSchema(schema) && typeof schema.description === 'string' ? schema.description : ''
        keys.set(key, {
          label: key,
          detail: detail === '' ? (isList ? 'list' : isMap ? 'keys' : '') : detail,
          apply: isMap ? `${key}:` : `${key}: `,
          kind: 'key',
        })
      }
  return [...keys.values()]
}

interface Place {
  /** Names from the document's top; of a value its key is the last, an element of a list adds `[]`. */
  readonly path: readonly string[]
  /** What of a value stands before the offset; undefined where a key is to come. */
  readonly value: string | undefined
  /** Keys that stand there already. */
  readonly siblings: ReadonlySet<string>
  readonly inComment: boolean
}

const keyLine = /^(\s*(?:- )*)([\w-]+):(?:\s|$)/

/** Where in the document an offset stands, by indentation and by braces of its own line: enough for what policies look like. */
function placeAt(text: string, at: number, isScalarAt: (path: readonly string[]) => boolean): Place {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const line = text.slice(start, at)
  const documentStart = Math.max(0, text.lastIndexOf('\n---', start))
  const above = text.slice(documentStart, start).split('\n').slice(0, -1)
  const inComment = /(?:^|\s)#/.test(line) && !/["'][^"']*#/.test(line)
  const indent = /^\s*(?:- )*/.exec(line)?.[0].length ?? 0
  const isElement = /^\s*-(?: |$)/.test(line)
  const parents = parentsOf(above, isElement ? (/^\s*/.exec(line)?.[0].length ?? 0) : indent, isElement)
  const base = isElement ? [...parents.path, '[]'] : parents.path
  const flow = inFlow(line.slice(indent), base)
  if (flow !== undefined) return { ...flow, inComment }
  const own = keyLine.exec(line)
  if (own !== null) {
    const written = line.slice(own[0].length).replace(/^["']/, '')
    return { path: [...base, own[2] ?? ''], value: written.trimStart(), siblings: new Set(), inComment }
  }
  const inBlock = parents.block
  if (inBlock !== undefined) return { path: inBlock, value: line.trimStart(), siblings: new Set(), inComment }
  if (isElement && isScalarAt(base))
    return { path: base, value: line.slice(indent).replace(/^["']/, ''), siblings: new Set(), inComment }
  return { path: base, value: undefined, siblings: parents.siblings, inComment }
}

function parentsOf(above: readonly string[], indent: number, isElement: boolean) {
  const path: string[] = []
  const siblings = new Set<string>()
  let block: readonly string[] | undefined
  let least = indent
  let isFirst = true
  for (const line of above.toReversed()) {
    if (line.trim() === '' || /^\s*#/.test(line)) continue
    const found = keyLine.exec(line)
    if (found === null) continue
    const [, lead = '', key = ''] = found
    const column = lead.length
    const dash = lead.indexOf('-')
    if (column === least && !isElement && path.length === 0) siblings.add(key)
    const isParent = isElement && isFirst ? column <= least : column < least
    if (!isParent) {
      // An element's first key stands beside its dash.
      if (dash >= 0 && column === least && path[0] !== '[]') {
        path.unshift('[]')
        least = dash + 1
      }
      continue
    }
    if (/[|>][+-]?\d*\s*$/.test(line) && path.length === 0) block = []
    path.unshift(key)
    isFirst = false
    least = column
    if (dash >= 0) {
      path.unshift('[]')
      least = dash + 1
    }
    if (least <= 0) break
  }
  return { path, siblings, block: block === undefined ? undefined : path }
}

/** Inside `{ … }` or `[ … ]` of a line; what is quoted is skipped. */
function inFlow(line: string, base: readonly string[]): Omit<Place, 'inComment'> | undefined {
  const stack: { path: readonly string[]; kind: '{' | '['; keys: Set<string> }[] = []
  let key = /^([\w-]+):/.exec(line)?.[1]
  let path: readonly string[] = key === undefined ? base : [...base, key]
  let word = ''
  let quote = ''
  let hasKey = false
  for (const letter of key === undefined ? line : line.slice(key.length + 1)) {
    if (quote !== '') {
      if (letter === quote) quote = ''
      else word += letter
      continue
    }
    if ((letter === '"' || letter === "'") && word.trim() === '') {
      quote = letter
      word = ''
    } else if (letter === '{' || letter === '[') {
      const inner = letter === '[' ? [...path, '[]'] : path
      stack.push({ path: inner, kind: letter, keys: new Set() })
      path = inner
      word = ''
      hasKey = false
    } else if (letter === '}' || letter === ']') {
      stack.pop()
      path = stack.at(-1)?.path ?? base
      word = ''
    } else if (letter === ',') {
      path = stack.at(-1)?.path ?? path
      word = ''
      hasKey = false
    } else if (letter === ':' && stack.at(-1)?.kind === '{' && !hasKey) {
      key = word.trim()
      stack.at(-1)?.keys.add(key)
      path = [...path, key]
      word = ''
      hasKey = true
    } else word += letter
  }
  const top = stack.at(-1)
  if (top === undefined) return undefined
  const isValue = top.kind === '[' || hasKey
  return { path, value: isValue ? word.trimStart() : undefined, siblings: top.keys }
}
