import type { ApiCall } from '../../../call/api-call.ts'
import type { Json } from '../../../call/content.ts'
import { flatten } from '../../../call/protocols/graphql/answer.ts'
import {
  type GraphqlDocument,
  parseGraphql,
  type Selection,
} from '../../../call/protocols/graphql/document.ts'
import type { Deviation, JudgeLimits } from '../deviation.ts'
import { judgeValue } from '../judge-value.ts'
import {
  type GraphqlField,
  type GraphqlSchema,
  type GraphqlType,
  namedType,
  type RootKind,
} from './graphql-schema.ts'
import { concreteOf, type GraphqlSchemas } from './graphql-schemas.ts'

/** What of a GraphQL schema an operation is: `query:customer,orders`. */
export interface BoundGraphql {
  readonly schema: GraphqlSchema
  readonly schemas: GraphqlSchemas
  readonly kind: RootKind
  /** Root fields; undefined where there are too many to name. */
  readonly roots: ReadonlySet<string> | undefined
  /** The one root field is deprecated, which the operation itself says. */
  readonly told: boolean
}

/** Requests of one batch that are looked at, and levels of a selection. */
const mostRequests = 16
const deepest = 24

type JsonObject = { readonly [key: string]: Json }

const asObject = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

/**
 * Compares what a GraphQL call asks for, and what came back, with its schema. A server that gives `data` found the whole
 * document valid: what the schema does not have, the schema is behind on.
 */
export function judgeGraphql(call: ApiCall, bound: BoundGraphql, limits: JudgeLimits): readonly Deviation[] {
  const content = call.response?.content
  const answer = content?.kind === 'json' ? asObject(content.value) : undefined
  if (asObject(answer?.data) === undefined) return []
  const walk = new Walk(bound, limits)
  for (const { text, variables, name } of requestsOf(call)) {
    const document = parseGraphql(text, variables)
    const operation =
      document.operations.find(one => name !== undefined && one.name === name) ?? document.operations[0]
    if (operation?.type === bound.kind) walk.roots(operation.selections, document)
  }
  const found = [...walk.found.values()]
  if (content?.kind === 'json' && call.response?.bodyTruncated === false) {
    const told: Deviation[] = []
    const { places } = limits
    judgeValue(content.value, bound.schemas.answer(bound.kind), '$', {
      side: 'response',
      text: false,
      limits,
      left: places,
      found: told,
    })
    // Which fields there are, the request says: what it selects under another name is none that is unknown.
    found.push(...told.filter(({ kind }) => kind === 'type' || kind === 'value'))
  }
  return found.slice(0, limits.deviations)
}

class Walk {
  readonly found = new Map<string, Deviation>()
  readonly #bound: BoundGraphql
  readonly #limits: JudgeLimits
  #left: number

  constructor(bound: BoundGraphql, limits: JudgeLimits) {
    this.#bound = bound
    this.#limits = limits
    this.#left = limits.places
  }

  roots(selections: readonly Selection[], document: GraphqlDocument): void {
    const { kind, roots, schema } = this.#bound
    const type = schema.types.get(schema.roots.get(kind) ?? '')
    if (type === undefined) return
    const own = flatten(selections, document.fragments).filter(({ name }) => roots?.has(name) !== false)
    this.#select(type, own, document, 0)
  }

  #select(
    type: GraphqlType,
    selections: readonly Selection[],
    document: GraphqlDocument,
    depth: number,
  ): void {
    const { schema, told } = this.#bound
    if (depth > deepest) return
    const behind = concreteOf(schema, type)
    for (const selection of flatten(selections, document.fragments)) {
      this.#left -= 1
      if (this.#left < 0) return
      const { name } = selection
      if (name.startsWith('__')) continue
      // Conditions on types are not kept: a field of any type that may stand there is known.
      const holder = type.fields.has(name) ? type : behind.find(one => one.fields.has(name))
      const field = holder?.fields.get(name)
      const at = `${holder?.name ?? type.name}.${name}`
      if (field === undefined) {
        this.#tell('undocumented', 'response', `field:${at}`, `a field of ${type.name}`, 'selected')
        continue
      }
      if (field.deprecated !== undefined && !(depth === 0 && told))
        this.#tell('deprecated', 'response', `field:${at}`, reasonOf(field), 'selected')
      if (selection.args !== undefined) this.#arguments(field, at, selection.args)
      const next = schema.types.get(namedType(field.type))
      if (selection.children !== undefined && next !== undefined && next.kind !== 'scalar')
        this.#select(next, selection.children, document, depth + 1)
    }
  }

  #arguments(field: GraphqlField, at: string, args: JsonObject): void {
    for (const name of Object.keys(args)) {
      const argument = field.args.get(name)
      const subject = `argument:${at}.${name}`.slice(0, 200)
      if (argument === undefined) {
        this.#tell('undocumented', 'request', subject, 'no such argument', 'given')
        continue
      }
      if (argument.deprecated !== undefined)
        this.#tell('deprecated', 'request', subject, reasonOf(argument), 'given')
      const value = args[name]
      if (value === undefined || value === null) continue
      const found: Deviation[] = []
      judgeValue(value, this.#bound.schemas.argument(argument.type), subject, {
        side: 'request',
        text: false,
        limits: this.#limits,
        left: this.#left,
        found,
      })
      for (const one of found)
        if (one.kind !== 'missing') this.#tell(one.kind, one.side, one.subject, one.expected, one.observed)
    }
  }

  #tell(
    kind: Deviation['kind'],
    side: Deviation['side'],
    subject: string,
    expected: string,
    observed: string,
  ): void {
    const key = `${kind} ${subject}`
    if (this.found.size < this.#limits.deviations && !this.found.has(key))
      this.found.set(key, { kind, side, subject: subject.slice(0, 200), expected, observed })
  }
}

const reasonOf = ({ deprecated }: GraphqlField): string =>
  `the schema calls it deprecated${deprecated === undefined || deprecated === '' ? '' : `: ${deprecated}`}`

interface Asked {
  readonly text: string
  readonly variables: JsonObject | undefined
  readonly name: string | undefined
}

/** The documents a call carries: of JSON, of a batch, of `application/graphql`, of the query string. */
function requestsOf(call: ApiCall): readonly Asked[] {
  const { content, query } = call.request
  if (content.kind === 'json') {
    const list = Array.isArray(content.value) ? (content.value as readonly Json[]) : [content.value]
    return list.slice(0, mostRequests).flatMap(item => {
      const object = asObject(item)
      const text = object?.query
      if (typeof text !== 'string') return []
      const name = object?.operationName
      return [
        { text, variables: asObject(object?.variables), name: typeof name === 'string' ? name : undefined },
      ]
    })
  }
  if (content.kind === 'text') return [{ text: content.text, variables: undefined, name: undefined }]
  const named = (name: string): string | undefined => query.find(([key]) => key === name)?.[1]
  const text = named('query')
  return text === undefined ? [] : [{ text, variables: undefined, name: named('operationName') }]
}
