import type { Json, JsonObject } from '../../world/http.ts'

/** A selected field with its arguments; variables and fragments are put in already. */
interface Field {
  readonly name: string
  readonly alias: string
  readonly args: JsonObject
  readonly selection: readonly Field[]
}

export interface Document {
  readonly kind: 'query' | 'mutation'
  readonly fields: readonly Field[]
  /** Levels of selections, and fields with a name of the caller's choice. */
  readonly depth: number
  readonly aliases: number
}

/** Something with fields; what a field is not known to is a null and an error. */
export interface GraphNode {
  readonly typename: string
  field(name: string, args: JsonObject): GraphValue
}
export type GraphValue = Json | GraphNode | readonly GraphNode[] | undefined

const isNode = (value: GraphValue): value is GraphNode =>
  typeof value === 'object' && value !== null && 'typename' in value && typeof value.typename === 'string'

interface Raw {
  readonly name: string
  readonly alias: string
  readonly args: readonly (readonly [string, Value])[]
  readonly selection: readonly Selection[]
}
type Selection = { readonly spread: string } | { readonly inline: readonly Selection[] } | Raw
type Value =
  | { readonly variable: string }
  | { readonly literal: Json }
  | { readonly fields: readonly (readonly [string, Value])[] }

const token = /\s+|,|#[^\n]*|("(?:[^"\\\n]|\\.)*"|\.\.\.|[!$()[\]{}:=|@]|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)/y

/** The subset of GraphQL (October 2021) that the tracker's clients write: no subscriptions, no directives, no lists in arguments. */
class Parser {
  readonly #tokens: string[] = []
  #at = 0

  constructor(text: string) {
    token.lastIndex = 0
    while (token.lastIndex < text.length) {
      const match = token.exec(text)
      if (match === null) throw new SyntaxError('Unexpected character.')
      if (match[1] !== undefined) this.#tokens.push(match[1])
    }
  }

  document(): {
    kind: 'query' | 'mutation'
    selection: readonly Selection[]
    fragments: Map<string, readonly Selection[]>
  } {
    let kind: 'query' | 'mutation' = 'query'
    let selection: readonly Selection[] | undefined
    const fragments = new Map<string, readonly Selection[]>()
    while (this.#at < this.#tokens.length) {
      const word = this.#peek()
      if (word === 'fragment') {
        this.#next()
        const name = this.#next()
        this.#expect('on')
        this.#next()
        fragments.set(name, this.#selection())
        continue
      }
      if (word === 'query' || word === 'mutation') {
        kind = word
        this.#next()
        if (/^\w+$/.test(this.#peek())) this.#next()
        if (this.#peek() === '(') while (this.#next() !== ')');
      }
      selection ??= this.#selection()
    }
    if (selection === undefined) throw new SyntaxError('No operation.')
    return { kind, selection, fragments }
  }

  #selection(): readonly Selection[] {
    this.#expect('{')
    const out: Selection[] = []
    while (this.#peek() !== '}') {
      if (this.#peek() === '...') {
        this.#next()
        if (this.#peek() === 'on') {
          this.#next()
          this.#next()
          out.push({ inline: this.#selection() })
        } else out.push({ spread: this.#next() })
        continue
      }
      let name = this.#name()
      const alias = name
      if (this.#peek() === ':') {
        this.#next()
        name = this.#name()
      }
      const args = this.#peek() === '(' ? this.#pairs(')') : []
      out.push({ name, alias, args, selection: this.#peek() === '{' ? this.#selection() : [] })
    }
    this.#next()
    return out
  }

  #pairs(end: string): readonly (readonly [string, Value])[] {
    this.#next()
    const pairs: (readonly [string, Value])[] = []
    while (this.#peek() !== end) {
      const name = this.#name()
      this.#expect(':')
      pairs.push([name, this.#value()])
    }
    this.#next()
    return pairs
  }

  #value(): Value {
    const first = this.#peek()
    if (first === '{') return { fields: this.#pairs('}') }
    this.#next()
    if (first === '$') return { variable: this.#next() }
    if (first.startsWith('"')) return { literal: JSON.parse(first) as string }
    if (/^-?\d/.test(first)) return { literal: Number(first) }
    if (first === 'true' || first === 'false') return { literal: first === 'true' }
    return { literal: first === 'null' ? null : first }
  }

  #name(): string {
    const name = this.#next()
    if (!/^[A-Za-z_]/.test(name)) throw new SyntaxError(`Expected a name, found ${name}.`)
    return name
  }

  #peek(): string {
    const found = this.#tokens[this.#at]
    if (found === undefined) throw new SyntaxError('Unexpected end.')
    return found
  }

  #next(): string {
    const found = this.#peek()
    this.#at += 1
    return found
  }

  #expect(word: string): void {
    const found = this.#next()
    if (found !== word) throw new SyntaxError(`Expected ${word}, found ${found}.`)
  }
}

/** @throws SyntaxError for what is no document. */
export function parseDocument(text: string, variables: JsonObject): Document {
  const { kind, selection, fragments } = new Parser(text).document()
  let depth = 0
  let aliases = 0
  const resolved = (value: Value): Json =>
    'variable' in value
      ? (variables[value.variable] ?? null)
      : 'fields' in value
        ? Object.fromEntries(value.fields.map(([name, one]) => [name, resolved(one)]))
        : value.literal
  const flatten = (chosen: readonly Selection[], level: number): readonly Field[] => {
    if (level > 200) throw new SyntaxError('Too deep.')
    depth = Math.max(depth, level)
    return chosen.flatMap(one => {
      if ('spread' in one) return flatten(fragments.get(one.spread) ?? [], level)
      if ('inline' in one) return flatten(one.inline, level)
      if (one.alias !== one.name) aliases += 1
      return [
        {
          name: one.name,
          alias: one.alias,
          args: Object.fromEntries(one.args.map(([name, value]) => [name, resolved(value)])),
          selection: one.selection.length === 0 ? [] : flatten(one.selection, level + 1),
        },
      ]
    })
  }
  return { kind, fields: flatten(selection, 1), depth, aliases }
}

/** Walks a selection over nodes. `work` counts nodes; beyond `most` of them the rest is null, as a server's timeout would have it. */
export class Execution {
  readonly errors: JsonObject[] = []
  work = 0
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  run(node: GraphNode, fields: readonly Field[]): JsonObject {
    this.work += 1
    const out: Record<string, Json> = {}
    for (const { name, alias, args, selection } of fields)
      out[alias] =
        name === '__typename' ? node.typename : this.#value(node.field(name, args), selection, name)
    return out
  }

  refuse(message: string, code: string): null {
    this.errors.push({ message, extensions: { code } })
    return null
  }

  #value(value: GraphValue, selection: readonly Field[], name: string): Json {
    if (value === undefined) return this.refuse(`Cannot query field "${name}".`, 'GRAPHQL_VALIDATION_FAILED')
    if (this.work > this.#most) return null
    if (isNode(value)) return this.run(value, selection)
    if (Array.isArray(value))
      return (value as readonly (Json | GraphNode)[]).map(one => {
        if (!isNode(one)) return one
        return this.work > this.#most ? null : this.run(one, selection)
      })
    return value as Json
  }
}
