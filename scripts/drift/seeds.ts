import type { ApiCall } from '../../src/call/api-call.ts'
import type { Content, Json } from '../../src/call/content.ts'
import { get, isTree, type Tree, treeAt } from '../../src/catalog/spec/tree.ts'
import type { Baseline, Target } from './baseline.ts'
import { flat, resolve } from './raw-schema.ts'

/** What one seed does to one operation of a document: to its calls, or to the document. */
export interface Seeded {
  /** What is done before, so that there is a place for it: with this alone nothing may be found. */
  readonly prepare?: {
    readonly tree: (tree: Tree) => void
    readonly call: (call: ApiCall) => ApiCall
  }
  readonly call?: (call: ApiCall) => ApiCall
  /** Changes the copied document it is handed. */
  readonly tree?: (tree: Tree) => void
  /** A newer version given beside it. */
  readonly beside?: Tree
  /** What the finding's title ends in; empty for the endpoint itself. */
  readonly subject: string
}

/** One kind of drift. `sow` gives undefined where an operation has no place for it. */
export interface Seed {
  readonly kind: string
  readonly rule: string
  readonly sow: (target: Target, baseline: Baseline) => Seeded | undefined
  /** Where a document has no place for it: the place is added first. */
  readonly plant?: (target: Target, baseline: Baseline) => Seeded | undefined
}

const operationIn = (tree: Tree, target: Target): Record<string, unknown> | undefined =>
  get(treeAt(treeAt(tree, 'paths'), target.path), target.method.toLowerCase()) as
    | Record<string, unknown>
    | undefined

const withHeaders = (call: ApiCall, ...headers: readonly [string, string][]): ApiCall =>
  call.response === undefined
    ? call
    : { ...call, response: { ...call.response, headers: [...call.response.headers, ...headers] } }

type Side = 'request' | 'response'
type Change = (object: { [key: string]: Json }) => void

const bodyOf = (call: ApiCall, side: Side): Content | undefined =>
  side === 'request' ? call.request.content : call.response?.content

/** Changes the body's object, or each object of its list. */
function changed(call: ApiCall, side: Side, change: Change): ApiCall {
  const content = bodyOf(call, side)
  if (content?.kind !== 'json') return call
  const value = structuredClone(content.value) as Json
  for (const object of Array.isArray(value) ? (value as readonly Json[]) : [value])
    if (isTree(object)) change(object as { [key: string]: Json })
  const made: Content = { kind: 'json', value }
  return side === 'request'
    ? { ...call, request: { ...call.request, content: made } }
    : { ...call, response: { ...call.response!, content: made } }
}

/** The properties of the body's object (or of its list's), and how its fields are named. */
function placeOf(target: Target, { tree }: Baseline, side: Side) {
  const schema = side === 'request' ? target.requestSchema : target.responseSchema
  if (schema === undefined) return undefined
  const whole = flat(tree, schema)
  const list = whole.type === 'array'
  const object = list ? flat(tree, whole.items) : whole
  if (object.properties.size === 0 || (object.additional !== undefined && object.additional !== false))
    return undefined
  if (hasAlternatives(tree, schema)) return undefined
  const holders = target.calls.filter(call => {
    const content = bodyOf(call, side)
    if (content?.kind !== 'json') return false
    return list ? Array.isArray(content.value) && content.value.length > 0 : isTree(content.value)
  })
  if (holders.length < 3) return undefined
  const present = (name: string): boolean =>
    holders.filter(call => {
      const content = bodyOf(call, side)
      const value = content?.kind === 'json' ? content.value : undefined
      const first = Array.isArray(value) ? (value as readonly Json[])[0] : value
      return get(first, name) !== undefined
    }).length >= 3
  return { object, present, subject: (name: string): string => `${side}:${list ? '[].' : ''}${name}` }
}

/** Alternatives make another field or type mean another alternative: no single drift. */
function hasAlternatives(tree: Tree, schema: unknown): boolean {
  let text = JSON.stringify(schema)
  for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"/]+)"/g))
    text += JSON.stringify(get(treeAt(get(tree, 'components'), 'schemas'), name ?? '') ?? {})
  return /"(?:oneOf|anyOf|discriminator)"/.test(text)
}

/** A field that a document is given, with the values that keep to it and those that do not. */
interface Planted {
  readonly name: string
  readonly schema?: Tree
  readonly required?: boolean
  /** Undefined: not there. */
  readonly good?: Json
  readonly bad: Json | undefined
}

/** Adds the field to the schema of a body that is an object already; any other body becomes an object with it. */
const plant =
  (side: Side, { name, schema, required, good, bad }: Planted): NonNullable<Seed['plant']> =>
  (target, baseline) => {
    const place = placeOf(target, baseline, side)
    const list = place?.subject('').includes('[]') === true
    const added = {
      type: 'object',
      properties: { seeded_base: { type: 'string' }, ...(schema === undefined ? {} : { [name]: schema }) },
      ...(required === true ? { required: [name] } : {}),
    }
    const put = (object: { [key: string]: Json }, value: Json | undefined): void => {
      if (value === undefined) delete object[name]
      else object[name] = value
    }
    const whole = (call: ApiCall): ApiCall => {
      const content: Content = { kind: 'json', value: { seeded_base: 'a' } }
      const json = (headers: ApiCall['request']['headers']) => [
        ...headers.filter(([key]) => key !== 'content-type'),
        ['content-type', 'application/json'] as const,
      ]
      return side === 'request'
        ? {
            ...call,
            request: { ...call.request, content, headers: json(call.request.headers), bodySize: 20 },
          }
        : { ...call, response: { ...call.response!, content, headers: json(call.response!.headers) } }
    }
    return {
      subject: `${side}:${list ? '[].' : ''}${name}`,
      prepare: {
        tree: tree => {
          for (const media of mediaOf(tree, target, side)) {
            const before = media.schema
            media.schema =
              place === undefined
                ? added
                : list
                  ? { type: 'array', items: { allOf: [get(resolve(tree, before), 'items') ?? {}, added] } }
                  : { allOf: [before, added] }
          }
        },
        call: call => changed(place === undefined ? whole(call) : call, side, object => put(object, good)),
      },
      call: call => changed(call, side, object => put(object, bad)),
    }
  }

/** The media type objects of an operation's JSON body, made its own where it was shared or missing. */
function mediaOf(tree: Tree, target: Target, side: Side): readonly Record<string, unknown>[] {
  const operation = operationIn(tree, target) ?? {}
  const status = String(target.calls[0]?.response?.status ?? 200)
  const responses = (operation.responses ?? {}) as Record<string, unknown>
  const key = [status, `${status[0]}XX`, 'default'].find(one => Object.hasOwn(responses, one)) ?? status
  const shared = side === 'request' ? operation.requestBody : responses[key]
  const own = structuredClone(resolve(tree, shared) ?? {}) as Record<string, unknown>
  const content = (own.content ?? {}) as Record<string, Record<string, unknown>>
  own.content = content
  if (side === 'request') operation.requestBody = own
  else responses[key] = own
  const types = Object.keys(content).filter(one => one.includes('json'))
  return (types.length === 0 ? ['application/json'] : types).map(type => {
    const media = content[type] ?? {}
    content[type] = media
    return media
  })
}

const field = (
  kind: string,
  rule: string,
  side: Side,
  planted: Planted,
  pick: (name: string, raw: unknown, baseline: Baseline, required: boolean) => Change | undefined,
): Seed => ({
  kind,
  rule,
  plant: plant(side, planted),
  sow: (target, baseline) => {
    const place = placeOf(target, baseline, side)
    if (place === undefined) return undefined
    for (const [name, raw] of place.object.properties) {
      if (name.includes('.') || !place.present(name)) continue
      const change = pick(name, raw, baseline, place.object.required.has(name))
      if (change !== undefined)
        return { call: call => changed(call, side, change), subject: place.subject(name) }
    }
    return undefined
  },
})

const added = (
  kind: string,
  rule: string,
  side: Side,
  name: string,
  value: (call: ApiCall) => Json,
): Seed => ({
  kind,
  rule,
  plant: plant(side, { name, bad: 'a seeded value' }),
  sow: (target, baseline) => {
    const place = placeOf(target, baseline, side)
    if (place === undefined) return undefined
    return {
      call: call =>
        changed(call, side, object => {
          object[name] = value(call)
        }),
      subject: place.subject(name),
    }
  },
})

const wrongType = (name: string, raw: unknown, { tree }: Baseline): Change | undefined => {
  const schema = flat(tree, raw)
  if (schema.words !== undefined) return undefined
  const wrong: Json | undefined =
    schema.type === 'string'
      ? 12345
      : schema.type === 'integer' || schema.type === 'boolean'
        ? 'seeded'
        : undefined
  return wrong === undefined
    ? undefined
    : object => {
        if (object[name] !== undefined) object[name] = wrong
      }
}

const newVersion = (tree: Tree, target: Target): Tree => {
  const copy = structuredClone(tree) as { info?: { version?: string }; paths: Record<string, unknown> }
  copy.info = { ...copy.info, version: `${Number.parseInt(copy.info?.version ?? '1', 10) + 1 || 9999}.0` }
  const item = copy.paths[target.path] as Record<string, unknown>
  delete item[target.method.toLowerCase()]
  return copy as unknown as Tree
}

const numbered: Planted = { name: 'seeded_count', schema: { type: 'integer' }, good: 7, bad: 'seeded' }
const worded: Planted = {
  name: 'seeded_state',
  schema: { type: 'string', enum: ['open', 'paid'] },
  good: 'open',
  bad: 'seeded-word',
}
const dated: Planted = {
  name: 'seeded_day',
  schema: { type: 'string', format: 'date' },
  good: '2026-01-31',
  bad: 'seeded words',
}

/** Few documents bound what they answer with: the field is always added. */
const bounded = (kind: string, planted: Omit<Planted, 'name'>): Seed => ({
  kind,
  rule: 'value-violation',
  sow: () => undefined,
  plant: plant('response', { name: 'seeded_value', ...planted }),
})

export const seeds: readonly Seed[] = [
  {
    kind: 'shadow endpoint',
    rule: 'undocumented-endpoint',
    sow: (target, baseline) => {
      // Another operation that takes the same paths would document them.
      const others = Object.entries(treeAt(baseline.tree, 'paths') ?? {}).filter(
        ([path, item]) => path !== target.path && get(item, target.method.toLowerCase()) !== undefined,
      )
      const taken = others.some(([path]) => {
        const pattern = new RegExp(
          `${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]*\}/g, '[^/]+')}$`,
        )
        return target.calls.some(call => pattern.test(call.request.path))
      })
      if (taken) return undefined
      return {
        subject: '',
        tree: tree => {
          const item = treeAt(treeAt(tree, 'paths'), target.path) as Record<string, unknown> | undefined
          delete item?.[target.method.toLowerCase()]
        },
      }
    },
  },
  {
    kind: 'query parameter',
    rule: 'undocumented-parameter',
    sow: () => ({
      subject: 'query:seeded_flag',
      call: call => ({
        ...call,
        request: { ...call.request, query: [...call.request.query, ['seeded_flag', '1']] },
      }),
    }),
  },
  {
    kind: 'header',
    rule: 'undocumented-parameter',
    sow: () => ({
      subject: 'header:x-seeded-mode',
      call: call => ({
        ...call,
        request: { ...call.request, headers: [...call.request.headers, ['x-seeded-mode', 'a']] },
      }),
    }),
  },
  added('request field', 'undocumented-parameter', 'request', 'seeded_admin', () => true),
  added('response field', 'undocumented-response-field', 'response', 'seeded_note', () => 'a note'),
  added(
    'sensitive field',
    'undocumented-response-field',
    'response',
    'seeded_email',
    call => `${call.id}@mail.example.com`,
  ),
  field('response type', 'type-drift', 'response', numbered, wrongType),
  field('request type', 'type-drift', 'request', numbered, wrongType),
  field('enumeration', 'value-violation', 'response', worded, (name, raw, { tree }) => {
    const { type, words } = flat(tree, raw)
    if (type !== 'string' || words === undefined) return undefined
    return object => {
      if (object[name] !== undefined) object[name] = 'seeded-word'
    }
  }),
  field('format', 'value-violation', 'response', dated, (name, raw, { tree }) => {
    const { format, words } = flat(tree, raw)
    if (words !== undefined || !/^(?:date|date-time|uuid|uri|email)$/.test(format ?? '')) return undefined
    return object => {
      if (object[name] !== undefined) object[name] = 'seeded words'
    }
  }),
  bounded('number beyond a bound', {
    schema: { type: 'integer', minimum: 1, maximum: 50 },
    good: 7,
    bad: 51,
  }),
  bounded('text beyond a length', {
    schema: { type: 'string', maxLength: 8 },
    good: 'short',
    bad: 'much too long',
  }),
  bounded('text of another pattern', {
    schema: { type: 'string', pattern: '^[A-Z]{2}(?:-[0-9]+)+$' },
    good: 'NL-1-22',
    bad: 'NL-1-',
  }),
  bounded('list beyond a bound', {
    schema: { type: 'array', items: { type: 'string' }, maxItems: 2, uniqueItems: true },
    good: ['a', 'b'],
    bad: ['a', 'b', 'c'],
  }),
  {
    kind: 'required response field',
    rule: 'missing-required',
    plant: plant('response', {
      name: 'seeded_id',
      schema: { type: 'string' },
      required: true,
      good: 'a',
      bad: undefined,
    }),
    sow: (target, baseline) => {
      const place = placeOf(target, baseline, 'response')
      const name = [...(place?.object.properties.keys() ?? [])].find(
        one => place?.object.required.has(one) === true && place.present(one),
      )
      if (place === undefined || name === undefined) return undefined
      return {
        subject: place.subject(name),
        call: call =>
          changed(call, 'response', object => {
            delete object[name]
          }),
      }
    },
  },
  {
    kind: 'no credential',
    rule: 'security-mismatch',
    sow: target => ({
      subject: 'security:none',
      call: call => ({ ...call, credentials: [] }),
      tree: tree => secure(tree, target),
    }),
  },
  {
    kind: 'weaker credential',
    rule: 'security-mismatch',
    sow: target => ({
      subject: 'security:basic',
      call: call => ({
        ...call,
        credentials: call.credentials.map(one => ({ ...one, scheme: 'basic' as const })),
      }),
      tree: tree => secure(tree, target),
    }),
  },
  {
    kind: 'status',
    rule: 'undocumented-status',
    plant: target => ({
      subject: 'status:207',
      prepare: {
        call: call => call,
        // Ranges and defaults take any status: each that came is listed in their place.
        tree: tree => {
          const operation = operationIn(tree, target)
          const responses = (operation?.responses ?? {}) as Record<string, unknown>
          const all = responses['2XX'] ?? responses.default
          for (const call of target.calls) responses[String(call.response?.status)] ??= all
          delete responses['2XX']
          delete responses.default
        },
      },
      call: call => ({ ...call, response: { ...call.response!, status: 207 } }),
    }),
    sow: target => {
      const responses = treeAt(target.raw, 'responses')
      if (get(responses, 'default') !== undefined || get(responses, '2XX') !== undefined) return undefined
      return {
        subject: 'status:207',
        call: call => ({ ...call, response: { ...call.response!, status: 207 } }),
      }
    },
  },
  {
    kind: 'deprecated',
    rule: 'deprecated-in-use',
    sow: target => ({
      subject: '',
      tree: tree => {
        const operation = operationIn(tree, target)
        if (operation !== undefined) operation.deprecated = true
      },
    }),
  },
  {
    kind: 'sunset header',
    rule: 'deprecated-in-use',
    sow: () => ({
      subject: '',
      call: call => withHeaders(call, ['sunset', 'Sat, 31 Jan 2026 00:00:00 GMT']),
    }),
  },
  {
    kind: 'newer version',
    rule: 'deprecated-in-use',
    sow: (target, baseline) => ({ subject: '', beside: newVersion(baseline.tree, target) }),
  },
]

function secure(tree: Tree, target: Target): void {
  const root = tree as { components?: { securitySchemes?: Record<string, unknown> } }
  root.components ??= {}
  root.components.securitySchemes ??= {}
  root.components.securitySchemes.seeded = { type: 'http', scheme: 'bearer' }
  const operation = operationIn(tree, target)
  if (operation !== undefined) operation.security = [{ seeded: [] }]
}
