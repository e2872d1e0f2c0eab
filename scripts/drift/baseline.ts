import type { ApiCall } from '../../src/call/api-call.ts'
import type { Content, Json } from '../../src/call/content.ts'
import { get, listAt, type Tree, textAt, treeAt } from '../../src/catalog/spec/tree.ts'
import type { LabelledCall, Sample } from './corpus.ts'
import { conform, flat, resolve } from './raw-schema.ts'

/** An operation of a sample, with what its document says of it and the calls that keep to it. */
export interface Target {
  readonly method: string
  /** Key of `paths`. */
  readonly path: string
  /** `METHOD /path` with the base path. */
  readonly label: string
  readonly raw: Tree
  readonly requestSchema: unknown
  readonly responseSchema: unknown
  /** Answered with 2xx, in order of time. */
  readonly calls: readonly ApiCall[]
}

export interface Baseline {
  readonly document: string
  readonly tree: Tree
  readonly calls: readonly LabelledCall[]
  readonly targets: readonly Target[]
}

/**
 * The sample with traffic that keeps to its document: generated bodies leave required fields out and do not always keep to
 * types, so they are brought in line, and calls that cannot be are left out. Nothing in the document is deprecated.
 */
export function baselineOf(sample: Sample): Baseline {
  const tree = structuredClone(sample.tree) as Tree
  current(get(tree, 'components'), new Set())
  for (const item of Object.values(treeAt(tree, 'paths') ?? {})) current(get(item, 'parameters'), new Set())
  const operations = new Map<string, { path: string; method: string; raw: Tree; item: unknown }>()
  const paths = Object.entries(treeAt(tree, 'paths') ?? {})
  for (const [path, item] of paths) {
    for (const method of ['get', 'put', 'post', 'delete', 'patch', 'head', 'options']) {
      const raw = treeAt(item, method)
      if (raw === undefined) continue
      ;(raw as { deprecated?: boolean }).deprecated = false
      current(raw, new Set())
      operations.set(`${method.toUpperCase()} ${path}`, { path, method: method.toUpperCase(), raw, item })
    }
  }
  const byLabel = new Map<string, Target & { calls: ApiCall[] }>()
  const calls: LabelledCall[] = []
  for (const one of sample.calls) {
    const { call, operation } = one
    if (operation === null) {
      calls.push(one)
      continue
    }
    // The longest: `/testnet/ins/sync` also ends in `/ins/sync`.
    const candidates = [...operations].filter(([key]) => {
      const [method = '', path = ''] = key.split(' ')
      return operation.startsWith(`${method} `) && operation.endsWith(path)
    })
    const found = candidates.sort(([a], [b]) => b.length - a.length)[0]
    if (found === undefined) continue
    const { raw, item, method, path } = found[1]
    const status = call.response?.status ?? 0
    if (status < 200 || status >= 300) {
      calls.push(one)
      continue
    }
    const response = responseOf(tree, raw, status)
    const parameters = [...listAt(item, 'parameters'), ...listAt(raw, 'parameters')].map(entry =>
      resolve(tree, entry),
    )
    if (response === undefined || !pathFits(tree, call, operation, parameters)) continue
    const requestSchema = jsonSchema(resolve(tree, get(raw, 'requestBody')))
    const responseSchema = jsonSchema(response)
    const kept = keep(
      tree,
      call,
      parameters,
      requestSchema,
      responseSchema,
      get(raw, 'requestBody') !== undefined,
    )
    calls.push({ call: kept, operation })
    const target = byLabel.get(operation)
    if (target === undefined)
      byLabel.set(operation, {
        method,
        path,
        label: operation,
        raw,
        requestSchema,
        responseSchema,
        calls: [kept],
      })
    else target.calls.push(kept)
  }
  const targets = [...byLabel.values()].filter(target => target.calls.length >= 6)
  return { document: sample.document, tree, calls, targets }
}

/** Nothing within it is deprecated either. */
function current(at: unknown, seen: Set<unknown>): void {
  if (typeof at !== 'object' || at === null || seen.has(at)) return
  seen.add(at)
  if (!Array.isArray(at) && get(at, 'deprecated') === true)
    (at as { deprecated?: boolean }).deprecated = false
  for (const inner of Object.values(at)) current(inner, seen)
}

function responseOf(tree: Tree, raw: Tree, status: number): unknown {
  const responses = treeAt(raw, 'responses')
  const found =
    get(responses, String(status)) ??
    get(responses, `${Math.floor(status / 100)}XX`) ??
    get(responses, 'default')
  return found === undefined ? undefined : resolve(tree, found)
}

function jsonSchema(body: unknown): unknown {
  const content = treeAt(body, 'content')
  const type = Object.keys(content ?? {}).find(one => one.includes('json'))
  return type === undefined ? undefined : get(get(content, type), 'schema')
}

/** A word where a number is promised cannot be brought in line without another path. */
function isBounded(raw: unknown): boolean {
  return [
    'pattern',
    'minLength',
    'maxLength',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ].some(key => get(raw, key) !== undefined)
}

function pathFits(tree: Tree, call: ApiCall, label: string, parameters: readonly unknown[]): boolean {
  const template = label.slice(label.indexOf(' ') + 1).split('/')
  const segments = call.request.path.split('/')
  return parameters.every(parameter => {
    if (textAt(parameter, 'in') !== 'path') return true
    const mark = `{${textAt(parameter, 'name') ?? ''}}`
    const schema = flat(tree, get(parameter, 'schema'))
    const at = template.findIndex(segment => segment.includes(mark))
    if (at < 0) return true
    const value = decodeURIComponent(segments[at] ?? '')
    const whole = schema.parts.some(isBounded)
      ? conform(
          tree,
          schema.type === 'integer' || schema.type === 'number' ? Number(value) : value,
          get(parameter, 'schema'),
        )
      : undefined
    if (whole !== undefined && String(whole) !== value) return false
    if (schema.words !== undefined || schema.format !== undefined || schema.type === 'array') {
      return template[at] === mark && schema.words === undefined && schema.type === 'string'
        ? schema.format !== 'uuid' || /^[0-9a-f-]{36}$/.test(value)
        : (schema.words?.includes(value) ?? /^\d+$/.test(value))
    }
    if (schema.type === 'integer' || schema.type === 'number')
      return /^\d+$/.test(value) && template[at] === mark
    return schema.type !== 'boolean'
  })
}

function keep(
  tree: Tree,
  call: ApiCall,
  parameters: readonly unknown[],
  requestSchema: unknown,
  responseSchema: unknown,
  takesBody: boolean,
): ApiCall {
  const { request, response } = call
  const scalar = (schema: unknown): boolean => {
    const { type } = flat(tree, schema)
    return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'
  }
  const query: [string, string][] = []
  const headers = [...request.headers]
  for (const parameter of parameters) {
    const name = textAt(parameter, 'name') ?? ''
    const schema = get(parameter, 'schema')
    const required = get(parameter, 'required') === true
    const sent = request.query.find(([key]) => key === name)
    const value = String(conform(tree, sent?.[1], schema))
    if (textAt(parameter, 'in') === 'query' && (required || sent !== undefined) && scalar(schema))
      query.push([name, value])
    else if (textAt(parameter, 'in') === 'query' && required) query.push([name, ''])
    if (textAt(parameter, 'in') === 'header' && required) headers.push([name.toLowerCase(), value])
  }
  const content = (before: Content, schema: unknown): Content => {
    if (schema === undefined) return before.kind === 'json' ? { kind: 'empty' } : before
    return { kind: 'json', value: conform(tree, before.kind === 'json' ? before.value : undefined, schema) }
  }
  const json: [string, string][] = [['content-type', 'application/json']]
  const rest = (list: ApiCall['request']['headers']) => list.filter(([name]) => name !== 'content-type')
  return {
    ...call,
    request: {
      ...request,
      query,
      headers: requestSchema === undefined ? headers : [...rest(headers), ...json],
      // A body that is no JSON was not generated: something stands there.
      content: !takesBody
        ? { kind: 'empty' }
        : requestSchema === undefined
          ? { kind: 'binary' }
          : content(request.content, requestSchema),
    },
    ...(response === undefined
      ? {}
      : {
          response: {
            ...response,
            headers: responseSchema === undefined ? response.headers : [...rest(response.headers), ...json],
            content: content(response.content, responseSchema),
          },
        }),
  }
}

export type { Json }
