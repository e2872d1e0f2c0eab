import { createHash } from 'node:crypto'
import type { ApiCall, CallResponse } from '../api-call.ts'
import type { Json } from '../content.ts'
import { parseJson } from '../decode/json.ts'
import { asObject, asText, type Glance, type JsonObject } from './glance.ts'
import { answersOnlyErrors, flatten, withoutAliases } from './graphql/answer.ts'
import {
  type GraphqlDocument,
  type ParsedOperation,
  parseGraphql,
  type Selection,
} from './graphql/document.ts'
import {
  type ObjectRef,
  type Operation,
  type OperationPart,
  operationBounds,
  operationName,
} from './operation.ts'
import { defineProtocol } from './protocol.ts'
import { nounOf, referencesIn, signsIn } from './references.ts'

/** What one request, or one element of a batch, carries. */
interface Asked {
  readonly text: string | undefined
  readonly variables: JsonObject | undefined
  readonly operationName: string | undefined
  readonly hash: string | undefined
}

const namedFields = 8
const document = /^[\s,\uFEFF]*(?:#|\{|query\b|mutation\b|subscription\b|fragment\b)/
const pathWord = /graphql|\/gql(?:\/|$)/i
const kinds = { query: 'read', mutation: 'write', subscription: 'subscribe' } as const

const looksLikeDocument = (text: string): boolean => text.indexOf('{') >= 0 && document.test(text)

const hashOf = (extensions: Json | undefined): string | undefined => {
  const hash = asText(asObject(asObject(extensions)?.persistedQuery)?.sha256Hash)
  return hash === undefined || hash.length > 128 ? undefined : hash
}

const fromQuery = (call: ApiCall, name: string): string | undefined => {
  for (const [key, value] of call.request.query) if (key === name) return value
  return undefined
}

const askedIn = (object: JsonObject, path: string): Asked | undefined => {
  const text = asText(object.query)
  const hash = hashOf(object.extensions) ?? persistedId(object, path)
  if (hash === undefined && (text === undefined || !(looksLikeDocument(text) || pathWord.test(path))))
    return undefined
  return {
    text: text === '' ? undefined : text,
    variables: asObject(object.variables),
    operationName: asText(object.operationName),
    hash,
  }
}

/** Relay and trusted documents: an id in the place of the query, on a path that says GraphQL. */
const persistedId = (object: JsonObject, path: string): string | undefined => {
  if (object.query !== undefined || !pathWord.test(path)) return undefined
  const id = asText(object.documentId) ?? asText(object.doc_id) ?? asText(object.queryId) ?? asText(object.id)
  return id === undefined || id.length > 128 ? undefined : id
}

/** The requests a call carries, in order; empty where it is no GraphQL. */
function asked(call: ApiCall, glance: Glance): readonly Asked[] {
  const { request } = call
  const { content, path } = request
  if (glance.batch !== undefined) {
    const found: Asked[] = []
    for (const item of glance.batch) {
      const object = asObject(item)
      const one = object === undefined ? undefined : askedIn(object, path)
      if (one !== undefined) found.push(one)
      if (found.length > operationBounds.operations) break
    }
    return found
  }
  if (glance.body !== undefined) {
    const one = askedIn(glance.body, path)
    return one === undefined ? [] : [one]
  }
  if (content.kind === 'text' && glance.type.startsWith('application/graphql'))
    return [{ text: content.text, variables: undefined, operationName: undefined, hash: undefined }]
  if (content.kind === 'multipart') {
    const field = content.value.operations
    const operations = typeof field === 'string' ? parseJson(field) : field
    const list = Array.isArray(operations) ? (operations as readonly Json[]) : [operations]
    return list.slice(0, operationBounds.operations + 1).flatMap(item => {
      const object = asObject(item)
      return object === undefined ? [] : (askedIn(object, path) ?? [])
    })
  }
  return askedInTarget(call)
}

/** The request in the query of the target; none or one. */
function askedInTarget(call: ApiCall): readonly Asked[] {
  if (call.request.query.length === 0) return []
  const text = fromQuery(call, 'query')
  const extensions = fromQuery(call, 'extensions')
  const hash = extensions === undefined ? undefined : hashOf(parseJson(extensions))
  if (hash === undefined && (text === undefined || !looksLikeDocument(text))) return []
  const variables = fromQuery(call, 'variables')
  return [
    {
      text,
      variables: variables === undefined ? undefined : asObject(parseJson(variables)),
      operationName: fromQuery(call, 'operationName'),
      hash,
    },
  ]
}

const chosen = (parsed: GraphqlDocument, name: string | undefined): ParsedOperation | undefined =>
  (name === undefined || parsed.operations.length < 2
    ? undefined
    : parsed.operations.find(operation => operation.name === name)) ?? parsed.operations[0]

const objectsOf = (roots: readonly Selection[]): readonly ObjectRef[] => {
  const objects: ObjectRef[] = []
  for (const root of roots) fieldObjects(root, objects, 3)
  return objects
}

/** Arguments of a root field, and of what is selected below it: `viewer { order(id: 5) }`. */
function fieldObjects(field: Selection, objects: ObjectRef[], depth: number): void {
  if (field.args !== undefined && !signsIn(field.name))
    referencesIn(field.args, nounOf(field.name) ?? 'record', objects)
  if (depth === 0 || field.children === undefined) return
  for (const child of field.children)
    if (child.args !== undefined || child.children !== undefined) fieldObjects(child, objects, depth - 1)
}

interface Read {
  readonly operation: Operation
  readonly roots: readonly Selection[]
  readonly parsed: GraphqlDocument | undefined
}

function read(one: Asked, batch: number, call: ApiCall): Read | undefined {
  const { text, hash } = one
  const persisted = hash === undefined ? {} : { persisted: hash }
  const several = batch > 1 ? { batch } : {}
  if (text === undefined) {
    if (hash === undefined) return undefined
    const objects = referencesIn(one.variables, nounOf(one.operationName ?? '') ?? 'record')
    return {
      operation: {
        protocol: 'graphql',
        name: operationName(`persisted:${hash}`),
        kind: call.request.method === 'GET' ? 'read' : 'unknown',
        objects,
        ...persisted,
        ...(batch > 1 ? { counts: { batch } } : {}),
      },
      roots: [],
      parsed: undefined,
    }
  }
  const parsed = parseGraphql(text, one.variables)
  const operation = chosen(parsed, one.operationName)
  const roots = operation === undefined ? [] : rootsOf(operation, parsed)
  if (
    operation === undefined ||
    roots.length === 0 ||
    (parsed.malformed && !pathWord.test(call.request.path))
  ) {
    if (!pathWord.test(call.request.path)) return undefined
    return {
      operation: { protocol: 'graphql', name: 'unreadable', objects: [], truncated: true, ...persisted },
      roots: [],
      parsed: undefined,
    }
  }
  const { depth, aliases, fields, directives, truncated } = parsed
  return {
    operation: {
      protocol: 'graphql',
      name: operationName(`${operation.type}:${rootNames(roots)}`),
      kind: kinds[operation.type],
      objects: objectsOf(roots),
      ...persisted,
      // Of a text with several operations the hash does not say which one is asked for.
      ...(hash !== undefined && parsed.operations.length === 1 && isHashOf(hash, text)
        ? { registers: true }
        : {}),
      counts: { depth, aliases, fields, directives, ...repeatsOf(operation, roots), ...several },
      ...(truncated || batch > operationBounds.operations ? { truncated: true } : {}),
    },
    roots,
    parsed,
  }
}

/** What is asked for at the root. `__typename` beside something else is what client libraries add. */
function rootsOf(operation: ParsedOperation, { fragments }: GraphqlDocument): readonly Selection[] {
  const roots = flatten(operation.selections, fragments)
  if (roots.length < 2) return roots
  const telling = roots.filter(({ name }) => name !== '__typename')
  return telling.length === 0 ? roots.slice(0, 1) : telling
}

const isHashOf = (hash: string, text: string): boolean =>
  hash.length === 64 && createHash('sha256').update(text).digest('hex') === hash.toLowerCase()

/** The distinct root fields in order, the first eight; `*` stands for the rest. */
function rootNames(roots: readonly Selection[]): string {
  if (roots.length === 1) return roots[0]!.name
  const names = [...new Set(roots.map(({ name }) => name))].sort()
  return names.length > namedFields ? `${names.slice(0, namedFields).join(',')},*` : names.join(',')
}

/** How often each name comes among the roots: `a: order(id: 1) b: order(id: 2)` are two turns of one operation. */
function turnsOf(roots: readonly Selection[]): readonly (readonly Selection[])[] {
  if (roots.length === 1) return [roots]
  const seen = new Map<string, number>()
  const turns: Selection[][] = []
  for (const root of roots) {
    const turn = seen.get(root.name) ?? 0
    seen.set(root.name, turn + 1)
    if (turn >= operationBounds.operations) continue
    const into = turns[turn]
    if (into === undefined) turns[turn] = [root]
    else into.push(root)
  }
  return turns
}

/** Of a mutation, how often the field is asked for that is asked for most often. */
function repeatsOf({ type }: ParsedOperation, roots: readonly Selection[]): { readonly repeats?: number } {
  if (type !== 'mutation') return {}
  const times = new Map<string, number>()
  let repeats = 0
  for (const { name } of roots) {
    const count = (times.get(name) ?? 0) + 1
    times.set(name, count)
    if (count > repeats) repeats = count
  }
  return { repeats }
}

const answered = (call: ApiCall, value: Json): ApiCall => {
  const response = call.response as CallResponse
  return { ...call, response: { ...response, content: { kind: 'json', value } } }
}

const typeOf = ({ name }: Operation): string => name.slice(0, name.indexOf(':'))

/** Each root field of a document that asks for several, as if it had been asked for alone. */
function fieldsOf(
  call: ApiCall,
  view: JsonObject,
  roots: readonly Selection[],
  operation: Operation,
  parts: OperationPart[],
): void {
  const data = asObject(view.data)
  const type = typeOf(operation)
  for (const root of roots) {
    const value = data?.[root.name]
    if (value === undefined || parts.length >= operationBounds.operations) continue
    const { errors } = view
    const failed = value === null && errors !== undefined
    parts.push({
      operation: {
        ...operation,
        name: operationName(`${type}:${root.name}`),
        objects: objectsOf([root]),
        ...(failed ? { failed } : {}),
      },
      call: answered(call, failed ? { data: null, errors } : { data: { [root.name]: value } }),
      within: true,
    })
  }
}

/** One part for each operation of a batch, and for each turn of a document that asks for one field again and again. */
function partsOf(call: ApiCall, glance: Glance): readonly OperationPart[] {
  const all = asked(call, glance)
  const answer = call.response?.content
  const value = answer?.kind === 'json' ? answer.value : undefined
  const answers = all.length > 1 && Array.isArray(value) ? (value as readonly Json[]) : undefined
  const parts: OperationPart[] = []
  for (const [index, one] of all.entries()) {
    if (parts.length >= operationBounds.operations) break
    const found = read(one, all.length, call)
    if (found === undefined) continue
    const { operation, roots, parsed } = found
    const own = asObject(answers === undefined ? value : answers[index])
    const failed = answersOnlyErrors(own) ? { failed: true } : {}
    const turns = turnsOf(roots)
    if (parsed === undefined || own === undefined || (roots.length < 2 && parsed.aliases === 0)) {
      const part = answers === undefined || own === undefined ? call : answered(call, own)
      parts.push({ operation: { ...operation, ...failed }, call: part })
      continue
    }
    const data = asObject(own.data)
    for (const turn of turns) {
      if (parts.length >= operationBounds.operations) break
      const renamed = data === undefined ? own.data : withoutAliases(data, turn, parsed.fragments)
      const view: JsonObject = renamed === undefined ? own : { ...own, data: renamed }
      const empty = answersOnlyErrors(view)
      const shown: JsonObject = empty ? { errors: view.errors!, data: null } : view
      parts.push({
        operation: {
          ...operation,
          ...(turns.length > 1
            ? { name: operationName(`${typeOf(operation)}:${rootNames(turn)}`), objects: objectsOf(turn) }
            : {}),
          ...(empty ? { failed: true } : {}),
        },
        call: answered(call, shown),
      })
      if (turn.length > 1 && !empty) fieldsOf(call, view, turn, operation, parts)
    }
  }
  return parts
}

/** Parts of one request that are told apart before there is an answer: documents, and the fields at their roots. */
const mostFields = 2 * operationBounds.operations

/**
 * What is asked for, before there is an answer: each document, and each field at its root as if it were asked for alone, for a server
 * runs them all. Distinct fields come before turns of the same one. A document in the target counts beside one in the body: servers differ in
 * which they take.
 */
function requestParts(call: ApiCall, glance: Glance): readonly OperationPart[] {
  const inBody = asked(call, glance)
  const all =
    call.request.content.kind === 'empty' || inBody.length === 0
      ? inBody
      : [...inBody, ...askedInTarget(call)]
  const parts: OperationPart[] = []
  for (const one of all.slice(0, operationBounds.operations)) {
    const found = read(one, all.length, call)
    if (found === undefined) continue
    const { operation, roots } = found
    const fields = turnsOf(roots).flat()
    const cut =
      roots.length > 1 && (parts.length + fields.length > mostFields || fields.length < roots.length)
    parts.push({ operation: cut ? { ...operation, truncated: true } : operation, call })
    if (roots.length < 2) continue
    const type = typeOf(operation)
    for (const root of fields.slice(0, Math.max(0, mostFields - parts.length)))
      parts.push({
        operation: {
          ...operation,
          name: operationName(`${type}:${root.name}`),
          objects: objectsOf([root]),
        },
        call,
        within: true,
      })
  }
  return parts
}

/** GraphQL over HTTP: JSON, batches, `application/graphql`, GET, multipart uploads, persisted queries. */
export const graphql = defineProtocol({
  id: 'graphql',
  title: 'GraphQL',
  endpoints: 'operation',
  recognise(call, glance) {
    const { request } = call
    const { body } = glance
    if (body !== undefined) {
      if (body.jsonrpc !== undefined) return false
      if (typeof body.query === 'string') return looksLikeDocument(body.query) || pathWord.test(request.path)
      return (
        (body.extensions !== undefined && hashOf(body.extensions) !== undefined) ||
        ((body.documentId !== undefined ||
          body.doc_id !== undefined ||
          body.queryId !== undefined ||
          (body.id !== undefined && body.variables !== undefined)) &&
          pathWord.test(request.path))
      )
    }
    if (request.content.kind === 'multipart') return request.content.value.operations !== undefined
    if (request.content.kind === 'text') return glance.type.startsWith('application/graphql')
    if (request.query.length === 0 || request.content.kind !== 'empty') return false
    for (const [name, value] of request.query)
      if (
        (name === 'query' && looksLikeDocument(value)) ||
        (name === 'extensions' && value.includes('persistedQuery'))
      )
        return true
    return false
  },
  operations(call, glance) {
    const all = asked(call, glance)
    const value = call.response?.content.kind === 'json' ? call.response.content.value : undefined
    const operations: Operation[] = []
    for (const [index, one] of all.entries()) {
      if (operations.length >= operationBounds.operations) break
      const found = read(one, all.length, call)
      if (found === undefined) continue
      const own = asObject(all.length > 1 && Array.isArray(value) ? (value as readonly Json[])[index] : value)
      operations.push(answersOnlyErrors(own) ? { ...found.operation, failed: true } : found.operation)
    }
    return operations
  },
  parts: partsOf,
  requestParts,
  examples: [
    {
      title: 'a query with a variable',
      request: {
        method: 'POST',
        target: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: {
          query: 'query One($id: ID!) { order(id: $id) { id total } customer { name } }',
          variables: { id: 5 },
        },
      },
      operations: ['query:customer,order'],
      objects: ['order:5'],
    },
    {
      title: 'a mutation with an input object',
      request: {
        method: 'POST',
        target: '/graphql',
        body: { query: 'mutation { cancelOrder(input: {orderId: "o-7", reason: LATE}) { ok } }' },
      },
      operations: ['mutation:cancelOrder'],
      objects: ['order:o-7'],
    },
    {
      title: 'a GET with the query in its target',
      request: { method: 'GET', target: '/graphql?query=%7Border(id%3A9)%7Bid%7D%7D' },
      operations: ['query:order'],
      objects: ['order:9'],
    },
    {
      title: 'a document as the body',
      request: {
        method: 'POST',
        target: '/graphql',
        headers: { 'content-type': 'application/graphql' },
        body: 'subscription { orderChanged(orderId: 3) { status } }',
      },
      operations: ['subscription:orderChanged'],
      objects: ['order:3'],
    },
    {
      title: 'a multipart upload',
      request: {
        method: 'POST',
        target: '/graphql',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"mutation($f: Upload!) { setAvatar(userId: 4, file: $f) { url } }","variables":{"f":null}}\r\n--b\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.f"]}\r\n--b--\r\n',
      },
      operations: ['mutation:setAvatar'],
      objects: ['user:4'],
    },
    {
      title: 'a persisted query by its hash',
      request: {
        method: 'POST',
        target: '/graphql',
        body: {
          operationName: 'Order',
          variables: { id: 5 },
          extensions: { persistedQuery: { version: 1, sha256Hash: 'ab12' } },
        },
      },
      operations: ['persisted:ab12'],
      objects: ['order:5'],
    },
    {
      title: 'a batch',
      request: {
        method: 'POST',
        target: '/graphql',
        body: [{ query: '{ order(id: 1) { id } }' }, { query: '{ me { name } }' }],
      },
      operations: ['query:order', 'query:me'],
      objects: ['order:1'],
    },
    {
      title: 'aliases, a fragment, a filter and a global id',
      request: {
        method: 'POST',
        target: '/api/graphql',
        body: {
          query:
            'query { ...Both } fragment Both on Query { a: order(id: 1) { id } b: orders(where: {id: {_eq: 2}}) { id } c: node(id: "T3JkZXI6NQ==") { id } }',
        },
      },
      operations: ['query:node,order,orders'],
      objects: ['order:1', 'order:2', 'order:5'],
    },
  ],
})
