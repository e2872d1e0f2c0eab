import type { ApiCall } from '../../src/call/api-call.ts'
import type { Content, Json } from '../../src/call/content.ts'
import { get, isTree, type Tree, treeAt } from '../../src/catalog/spec/tree.ts'
import type { Baseline, Target } from './baseline.ts'
import { flat } from './raw-schema.ts'

/** What one seed does to one operation of a document: to its calls, or to the document. */
export interface Seeded {
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

const field = (
  kind: string,
  rule: string,
  side: Side,
  pick: (name: string, raw: unknown, baseline: Baseline, required: boolean) => Change | undefined,
): Seed => ({
  kind,
  rule,
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
  field('response type', 'type-drift', 'response', wrongType),
  field('request type', 'type-drift', 'request', wrongType),
  field('enumeration', 'value-violation', 'response', (name, raw, { tree }) => {
    const { type, words } = flat(tree, raw)
    if (type !== 'string' || words === undefined) return undefined
    return object => {
      if (object[name] !== undefined) object[name] = 'seeded-word'
    }
  }),
  field('format', 'value-violation', 'response', (name, raw, { tree }) => {
    const { format, words } = flat(tree, raw)
    if (words !== undefined || !/^(?:date|date-time|uuid|uri|email)$/.test(format ?? '')) return undefined
    return object => {
      if (object[name] !== undefined) object[name] = 'seeded words'
    }
  }),
  {
    kind: 'required response field',
    rule: 'missing-required',
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
