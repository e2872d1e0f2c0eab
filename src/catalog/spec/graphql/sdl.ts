import type { GraphqlField, GraphqlSchema, GraphqlType, RootKind, TypeRef } from './graphql-schema.ts'

/** What is read of one document; a larger one is refused. */
export interface SdlLimits {
  readonly characters: number
  readonly types: number
  /** Fields, arguments and values of all types together. */
  readonly parts: number
}

export const defaultSdlLimits: SdlLimits = { characters: 16 << 20, types: 200_000, parts: 1_000_000 }

/** Where a document stops being one. */
export class SdlFault extends Error {
  /** 1-based. */
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number) {
    super(message)
    this.line = line
    this.column = column
  }
}

const definition = /^(?:type|interface|union|enum|input|scalar|schema|directive|extend)$/
const ignored = /(?:[\s,\uFEFF]|#[^\n\r]*)*/y
const token = /[_A-Za-z][_0-9A-Za-z]*|-?\d[0-9A-Za-z.+-]*|\.\.\.|[!$&()[\]{}:=|@]/y
/** Values within values, and lists within lists of a type. */
const deepest = 32

/** True where the first word of a text, past descriptions and comments, begins a definition of a schema. */
export function isSdl(text: string): boolean {
  const reader = new Lexer(text.length > 65_536 ? text.slice(0, 65_536) : text)
  try {
    reader.next()
    if (reader.kind === 'string') reader.next()
    if (!definition.test(reader.word)) return false
    const first = reader.word
    reader.next()
    // `type: object` is YAML.
    if (first === 'schema') return reader.word === '{' || reader.word === '@'
    return first === 'directive' ? reader.word === '@' : reader.kind === 'name'
  } catch {
    return false
  }
}

class Lexer {
  readonly #text: string
  #at = 0
  start = 0
  word = ''
  kind: 'name' | 'string' | 'other' | 'end' = 'end'

  constructor(text: string) {
    this.#text = text
  }

  next(): void {
    const text = this.#text
    ignored.lastIndex = this.#at
    ignored.test(text)
    const from = ignored.lastIndex
    this.start = from
    if (from >= text.length) {
      this.kind = 'end'
      this.word = ''
      this.#at = from
      return
    }
    if (text[from] === '"') {
      this.#string(from)
      return
    }
    token.lastIndex = from
    if (!token.test(text)) throw this.fault('This character begins nothing here.')
    this.#at = token.lastIndex
    this.word = text.slice(from, this.#at)
    this.kind = /^[_A-Za-z]/.test(this.word) ? 'name' : 'other'
  }

  #string(from: number): void {
    const text = this.#text
    let end: number
    if (text.startsWith('"""', from)) {
      end = text.indexOf('"""', from + 3)
      while (end > 0 && text[end - 1] === '\\') end = text.indexOf('"""', end + 3)
      if (end < 0) throw this.fault('A description does not end.')
      this.word = text.slice(from + 3, end)
      end += 3
    } else {
      end = from + 1
      while (end < text.length && text[end] !== '"' && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1
      if (text[end] !== '"') throw this.fault('A text does not end.')
      this.word = text.slice(from + 1, end)
      end += 1
    }
    this.kind = 'string'
    this.#at = end
  }

  fault(message: string): SdlFault {
    let line = 1
    let begin = 0
    for (
      let index = this.#text.indexOf('\n');
      index >= 0 && index < this.start;
      index = this.#text.indexOf('\n', index + 1)
    ) {
      line += 1
      begin = index + 1
    }
    return new SdlFault(message, line, this.start - begin + 1)
  }
}

interface OpenType {
  kind: GraphqlType['kind']
  readonly name: string
  readonly fields: Map<string, GraphqlField>
  readonly members: string[]
  readonly interfaces: string[]
  readonly values: Map<string, string | undefined>
}

/**
 * Reads a schema document in one pass: types, interfaces, unions, enumerations, inputs, scalars, `schema`, directives and
 * `extend` of all of them. Of directives `@deprecated` is kept.
 *
 * @throws SdlFault at the first place that is none, and beyond a bound.
 */
export function parseSdl(text: string, limits: SdlLimits = defaultSdlLimits): GraphqlSchema {
  return new Reader(text, limits).schema()
}

const kinds: Readonly<Record<string, GraphqlType['kind']>> = {
  type: 'object',
  interface: 'interface',
  union: 'union',
  enum: 'enum',
  input: 'input',
  scalar: 'scalar',
}

class Reader {
  readonly #lexer: Lexer
  readonly #limits: SdlLimits
  #parts: number
  readonly #types = new Map<string, OpenType>()
  readonly #roots = new Map<RootKind, string>()
  #declared = false

  constructor(text: string, limits: SdlLimits) {
    this.#lexer = new Lexer(text)
    this.#limits = limits
    this.#parts = limits.parts
    if (text.length > limits.characters)
      throw new SdlFault(`The schema is larger than ${limits.characters >> 20} MB.`, 1, 1)
  }

  schema(): GraphqlSchema {
    this.#lexer.next()
    while (this.#lexer.kind !== 'end') this.#definition()
    if (!this.#declared)
      for (const [kind, name] of [
        ['query', 'Query'],
        ['mutation', 'Mutation'],
        ['subscription', 'Subscription'],
      ] as const)
        if (this.#types.has(name) && !this.#roots.has(kind)) this.#roots.set(kind, name)
    return { types: this.#types, roots: this.#roots }
  }

  #definition(): void {
    this.#description()
    let extend = false
    if (this.#is('extend')) {
      extend = true
      this.#lexer.next()
    }
    const word = this.#lexer.word
    const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined
    if (this.#lexer.kind !== 'name' || (kind === undefined && word !== 'schema' && word !== 'directive'))
      throw this.#lexer.fault(
        'Expected a definition: type, interface, union, enum, input, scalar, schema or directive.',
      )
    this.#lexer.next()
    if (word === 'schema') this.#schemaDefinition()
    else if (word === 'directive') this.#directiveDefinition()
    else if (kind !== undefined) this.#type(kind, extend)
  }

  #schemaDefinition(): void {
    this.#declared = true
    this.#directives()
    if (!this.#is('{')) return
    this.#lexer.next()
    while (!this.#is('}')) {
      this.#description()
      const kind = this.#name()
      this.#expect(':')
      const name = this.#name()
      if (kind === 'query' || kind === 'mutation' || kind === 'subscription') this.#roots.set(kind, name)
      this.#directives()
    }
    this.#lexer.next()
  }

  #directiveDefinition(): void {
    this.#expect('@')
    this.#name()
    if (this.#is('(')) this.#arguments()
    if (this.#is('repeatable')) this.#lexer.next()
    if (!this.#is('on')) throw this.#lexer.fault('Expected `on`: the places of a directive.')
    this.#lexer.next()
    this.#names('|', false)
  }

  #type(kind: GraphqlType['kind'], extend: boolean): void {
    const name = this.#name()
    let type = this.#types.get(name)
    if (type === undefined) {
      if (this.#types.size >= this.#limits.types)
        throw this.#lexer.fault(`More than ${this.#limits.types} types.`)
      type = { kind, name, fields: new Map(), members: [], interfaces: [], values: new Map() }
      this.#types.set(name, type)
    } else if (type.kind !== kind) {
      throw this.#lexer.fault(
        `\`${name.slice(0, 80)}\` is ${extend ? 'extended' : 'declared'} as another kind of type.`,
      )
    }
    if (this.#is('implements')) {
      this.#lexer.next()
      type.interfaces.push(...this.#names('&', true))
    }
    this.#directives()
    if (kind === 'union') {
      if (!this.#is('=')) return
      this.#lexer.next()
      type.members.push(...this.#names('|', false))
    } else if (this.#is('{') && kind !== 'scalar') {
      this.#lexer.next()
      while (!this.#is('}')) {
        this.#description()
        if (kind === 'enum') {
          const value = this.#name()
          this.#count()
          type.values.set(value, this.#directives())
        } else {
          const field = this.#field(kind !== 'input')
          type.fields.set(field.name, field)
        }
      }
      this.#lexer.next()
    }
  }

  #field(takesArguments: boolean): GraphqlField {
    const name = this.#name()
    this.#count()
    const args = takesArguments && this.#is('(') ? this.#arguments() : new Map<string, GraphqlField>()
    this.#expect(':')
    const type = this.#typeRef(0)
    let hasDefault = false
    if (this.#is('=')) {
      hasDefault = true
      this.#lexer.next()
      this.#value(0)
    }
    const deprecated = this.#directives()
    return { name, type, args, hasDefault, ...(deprecated === undefined ? {} : { deprecated }) }
  }

  #arguments(): Map<string, GraphqlField> {
    const args = new Map<string, GraphqlField>()
    this.#expect('(')
    while (!this.#is(')')) {
      this.#description()
      const field = this.#field(false)
      args.set(field.name, field)
    }
    this.#lexer.next()
    return args
  }

  #typeRef(depth: number): TypeRef {
    if (depth > deepest) throw this.#lexer.fault(`Lists lie in each other more than ${deepest} deep.`)
    if (this.#is('[')) {
      this.#lexer.next()
      const of = this.#typeRef(depth + 1)
      this.#expect(']')
      return { kind: 'list', of, required: this.#bang() }
    }
    const name = this.#name()
    return { kind: 'named', name, required: this.#bang() }
  }

  #bang(): boolean {
    if (!this.#is('!')) return false
    this.#lexer.next()
    return true
  }

  /** @returns The reason of `@deprecated`, where it stands there. */
  #directives(): string | undefined {
    let reason: string | undefined
    while (this.#is('@')) {
      this.#lexer.next()
      const name = this.#name()
      if (name === 'deprecated') reason ??= 'No longer supported'
      if (!this.#is('(')) continue
      this.#lexer.next()
      while (!this.#is(')')) {
        const key = this.#name()
        this.#expect(':')
        if (name === 'deprecated' && key === 'reason' && this.#lexer.kind === 'string')
          reason = this.#lexer.word.trim().slice(0, 200)
        this.#value(0)
      }
      this.#lexer.next()
    }
    return reason
  }

  /** Past one value. */
  #value(depth: number): void {
    if (depth > deepest) throw this.#lexer.fault(`Values lie in each other more than ${deepest} deep.`)
    const { kind, word } = this.#lexer
    if (kind === 'end') throw this.#lexer.fault('The document ends too early.')
    this.#lexer.next()
    if (kind === 'string' || kind === 'name') return
    if (word === '[') {
      while (!this.#is(']')) this.#value(depth + 1)
      this.#lexer.next()
    } else if (word === '{') {
      while (!this.#is('}')) {
        this.#name()
        this.#expect(':')
        this.#value(depth + 1)
      }
      this.#lexer.next()
    } else if (word === '$') this.#name()
    else if (!/^-?\d/.test(word)) throw this.#lexer.fault('Expected a value.')
  }

  #names(separator: '&' | '|', spaced: boolean): readonly string[] {
    const names: string[] = []
    if (this.#is(separator)) this.#lexer.next()
    for (;;) {
      names.push(this.#name())
      this.#count()
      if (this.#is(separator)) this.#lexer.next()
      // Before 2018 interfaces stood side by side.
      else if (!(spaced && this.#lexer.kind === 'name')) return names
    }
  }

  #description(): void {
    if (this.#lexer.kind === 'string') this.#lexer.next()
  }

  #name(): string {
    const { kind, word } = this.#lexer
    if (kind === 'end') throw this.#lexer.fault('The document ends too early.')
    if (kind !== 'name') throw this.#lexer.fault('Expected a name.')
    this.#lexer.next()
    return word
  }

  #expect(word: string): void {
    if (!this.#is(word)) throw this.#lexer.fault(`Expected \`${word}\`.`)
    this.#lexer.next()
  }

  #is(word: string): boolean {
    return this.#lexer.word === word && this.#lexer.kind !== 'string'
  }

  #count(): void {
    this.#parts -= 1
    if (this.#parts < 0)
      throw this.#lexer.fault(`More than ${this.#limits.parts} fields, arguments and values.`)
  }
}
