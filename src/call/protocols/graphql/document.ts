import type { Json } from '../../content.ts'
import type { JsonObject } from '../glance.ts'
import { operationBounds } from '../operation.ts'

/** A field or a fragment's place in a selection set. Inline fragments are taken as what stands in them. */
export interface Selection {
  readonly name: string
  readonly alias?: string
  /** Variables are already their values. */
  readonly args?: JsonObject
  readonly children?: readonly Selection[]
  /** `name` is a fragment's. */
  readonly spread?: true
}

export interface ParsedOperation {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly name?: string
  readonly selections: readonly Selection[]
}

export interface GraphqlDocument {
  readonly operations: readonly ParsedOperation[]
  readonly fragments: ReadonlyMap<string, readonly Selection[]>
  /** Deepest nesting of braces seen. */
  readonly depth: number
  readonly aliases: number
  readonly fields: number
  readonly directives: number
  /** Not GraphQL at some place, or ended early. */
  readonly malformed: boolean
  /** It ended early, went beyond a bound or is not GraphQL at some place: what came before is given. */
  readonly truncated: boolean
}

const tokens = {
  end: 0,
  name: 1,
  number: 2,
  string: 3,
  spread: 4,
} as const

const braceOpen = 123
const braceClose = 125
const parenOpen = 40
const parenClose = 41
const bracketOpen = 91
const bracketClose = 93
const colon = 58
const dollar = 36
const at_ = 64
const equals = 61
const quote = 34

const valueDepth = 12

/** Code unit → can it continue a name (`[_A-Za-z0-9]`), is it ignored (white space, comma, BOM)? */
const nameChar = new Uint8Array(128)
for (let code = 0; code < 128; code += 1)
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122))
    nameChar[code] = 1

/**
 * Reads a GraphQL document (October 2021 edition, executable definitions) as far as it can. One pass without a list of
 * tokens; at most `operationBounds.tokens` tokens and `operationBounds.depth` levels, deeper ones are counted and skipped.
 * Never throws.
 *
 * @param variables put in the place of `$name`; names without a value become their default, or null
 */
export function parseGraphql(text: string, variables: JsonObject | undefined): GraphqlDocument {
  return new Parser(text, variables).document()
}

class Parser {
  readonly #text: string
  readonly #variables: JsonObject | undefined
  #defaults: { [name: string]: Json } | undefined
  #at = 0
  #start = 0
  #left: number = operationBounds.tokens
  /** A class of token above, or the code of a punctuator. */
  #token = 0
  #level = 0
  #depth = 0
  #aliases = 0
  #fields = 0
  #directives = 0
  #broken = false
  #cut = false

  constructor(text: string, variables: JsonObject | undefined) {
    this.#text = text
    this.#variables = variables
  }

  document(): GraphqlDocument {
    const operations: ParsedOperation[] = []
    const fragments = new Map<string, readonly Selection[]>()
    this.#next()
    while (!this.#is(tokens.end) && !this.#broken) {
      if (this.#is(braceOpen)) {
        operations.push({ type: 'query', selections: this.#selections() })
        continue
      }
      if (!this.#is(tokens.name)) {
        this.#broken = true
        break
      }
      const word = this.#word()
      this.#next()
      if (word === 'fragment') {
        const name = this.#is(tokens.name) ? this.#word() : ''
        this.#toBrace()
        fragments.set(name, this.#selections())
        continue
      }
      if (word !== 'query' && word !== 'mutation' && word !== 'subscription') {
        this.#broken = true
        break
      }
      let name: string | undefined
      if (this.#is(tokens.name)) {
        name = this.#word()
        this.#next()
      }
      if (this.#is(parenOpen)) this.#variableDefinitions()
      this.#toBrace()
      operations.push({
        type: word,
        ...(name === undefined ? {} : { name }),
        selections: this.#selections(),
      })
    }
    return {
      operations,
      fragments,
      depth: this.#depth,
      aliases: this.#aliases,
      fields: this.#fields,
      directives: this.#directives,
      malformed: this.#broken && this.#left > 0,
      truncated: this.#broken || this.#cut || this.#left <= 0,
    }
  }

  #is(token: number): boolean {
    return this.#token === token
  }

  #word(): string {
    return this.#text.slice(this.#start, this.#at)
  }

  #next(): void {
    if (this.#left <= 0) {
      this.#token = tokens.end
      return
    }
    this.#left -= 1
    const text = this.#text
    const length = text.length
    let at = this.#at
    let code = 0
    for (; at < length; at += 1) {
      code = text.charCodeAt(at)
      if (code === 32 || code === 10 || code === 44 || code === 13 || code === 9 || code === 0xfeff) continue
      if (code !== 35) break
      const end = text.indexOf('\n', at)
      at = end < 0 ? length : end
    }
    this.#start = at
    if (at >= length) {
      this.#at = at
      this.#token = tokens.end
      return
    }
    if (code < 128 && nameChar[code] === 1) {
      const digit = code <= 57
      at += 1
      while (at < length) {
        const next = text.charCodeAt(at)
        if (next < 128 && nameChar[next] === 1) at += 1
        else if (digit && (next === 46 || next === 43 || next === 45)) at += 1
        else break
      }
      this.#at = at
      this.#token = digit ? tokens.number : tokens.name
      return
    }
    if (code === 45) {
      at += 1
      while (at < length) {
        const next = text.charCodeAt(at)
        if ((next < 128 && nameChar[next] === 1) || next === 46) at += 1
        else break
      }
      this.#at = at
      this.#token = tokens.number
      return
    }
    if (code === quote) {
      this.#at = stringEnd(text, at)
      this.#token = tokens.string
      return
    }
    if (code === 46) {
      this.#at = at + (text.startsWith('...', at) ? 3 : 1)
      this.#token = tokens.spread
      return
    }
    this.#at = at + 1
    this.#token = code
  }

  /** To the next selection set: past type conditions and directives. */
  #toBrace(): void {
    while (!this.#is(braceOpen) && !this.#is(tokens.end)) {
      if (this.#is(at_)) this.#directives += 1
      if (this.#is(parenOpen)) this.#arguments()
      else this.#next()
    }
  }

  #variableDefinitions(): void {
    this.#next()
    while (!this.#is(parenClose) && !this.#is(tokens.end)) {
      if (!this.#is(dollar)) {
        this.#next()
        continue
      }
      this.#next()
      const name = this.#is(tokens.name) ? this.#word() : ''
      while (!this.#is(dollar) && !this.#is(parenClose) && !this.#is(tokens.end)) {
        this.#next()
        if (this.#is(equals)) {
          this.#next()
          this.#defaults ??= Object.create(null) as { [name: string]: Json }
          this.#defaults[name] = this.#value(valueDepth)
        }
      }
    }
    this.#next()
  }

  /** From an opening brace to after its closing one. */
  #selections(): readonly Selection[] {
    const found: Selection[] = []
    if (!this.#is(braceOpen)) return found
    this.#level += 1
    if (this.#level > this.#depth) this.#depth = this.#level
    if (this.#level > operationBounds.depth) {
      this.#skip()
      this.#cut = true
    } else {
      this.#next()
      this.#fill(found)
    }
    this.#level -= 1
    return found
  }

  #fill(found: Selection[]): void {
    for (;;) {
      switch (this.#token) {
        case tokens.name:
          found.push(this.#field())
          break
        case tokens.spread:
          this.#spread(found)
          break
        case braceClose:
          this.#next()
          return
        default:
          // The end, or something that is no GraphQL.
          this.#broken = true
          return
      }
      if (this.#broken) return
    }
  }

  #field(): Selection {
    this.#fields += 1
    let name = this.#word()
    let alias: string | undefined
    this.#next()
    if (this.#is(colon)) {
      this.#next()
      alias = name
      name = this.#is(tokens.name) ? this.#word() : ''
      this.#aliases += 1
      this.#next()
    }
    const args = this.#is(parenOpen) ? this.#arguments() : undefined
    if (this.#is(at_)) this.#skipDirectives()
    const children = this.#is(braceOpen) ? this.#selections() : undefined
    const selection: { -readonly [Key in keyof Selection]: Selection[Key] } = { name }
    if (alias !== undefined) selection.alias = alias
    if (args !== undefined) selection.args = args
    if (children !== undefined) selection.children = children
    return selection
  }

  #spread(found: Selection[]): void {
    this.#next()
    if (this.#is(tokens.name)) {
      const word = this.#word()
      this.#next()
      if (word !== 'on') {
        found.push({ name: word, spread: true })
        if (this.#is(at_)) this.#skipDirectives()
        return
      }
      this.#next()
    }
    if (this.#is(at_)) this.#skipDirectives()
    for (const selection of this.#selections()) found.push(selection)
  }

  #skipDirectives(): void {
    while (this.#is(at_)) {
      this.#directives += 1
      this.#next()
      this.#next()
      if (this.#is(parenOpen)) this.#arguments()
    }
  }

  /** Past a selection set that lies too deep, counting on. */
  #skip(): void {
    let level = this.#level
    const outer = level
    for (;;) {
      this.#next()
      if (this.#is(braceOpen)) {
        level += 1
        if (level > this.#depth) this.#depth = level
      } else if (this.#is(braceClose)) {
        level -= 1
        if (level < outer) {
          this.#next()
          return
        }
      } else if (this.#is(tokens.end)) return
      else if (this.#is(tokens.name)) this.#fields += 1
    }
  }

  #arguments(): JsonObject {
    const args: { [name: string]: Json } = Object.create(null) as { [name: string]: Json }
    this.#next()
    while (!this.#is(parenClose) && !this.#is(tokens.end)) {
      if (!this.#is(tokens.name)) {
        this.#next()
        continue
      }
      const name = this.#word()
      this.#next()
      if (!this.#is(colon)) continue
      this.#next()
      args[name] = this.#value(valueDepth)
    }
    this.#next()
    return args
  }

  #value(depth: number): Json {
    const token = this.#token
    switch (token) {
      case tokens.name: {
        const word = this.#word()
        this.#next()
        return word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : word
      }
      case tokens.number: {
        const word = this.#word()
        this.#next()
        const number = Number(word)
        // Ids beyond what a double holds stay as written.
        return Number.isFinite(number) && (word.length < 16 || !Number.isInteger(number)) ? number : word
      }
      case tokens.string: {
        const text = readString(this.#word())
        this.#next()
        return text
      }
      case dollar: {
        this.#next()
        const name = this.#word()
        this.#next()
        const variables = this.#variables
        if (variables !== undefined && Object.hasOwn(variables, name)) return variables[name]!
        return this.#defaults?.[name] ?? null
      }
      case bracketOpen: {
        const list: Json[] = []
        this.#next()
        while (!this.#is(bracketClose) && !this.#is(tokens.end)) {
          if (depth === 0) this.#next()
          else list.push(this.#value(depth - 1))
        }
        this.#next()
        return list
      }
      case braceOpen: {
        const object: { [name: string]: Json } = Object.create(null) as { [name: string]: Json }
        this.#next()
        while (!this.#is(braceClose) && !this.#is(tokens.end)) {
          if (!this.#is(tokens.name) || depth === 0) {
            this.#next()
            continue
          }
          const name = this.#word()
          this.#next()
          if (this.#is(colon)) {
            this.#next()
            object[name] = this.#value(depth - 1)
          }
        }
        this.#next()
        return object
      }
      default:
        this.#next()
        return null
    }
  }
}

function stringEnd(text: string, from: number): number {
  if (text.startsWith('"""', from)) {
    const end = text.indexOf('"""', from + 3)
    return end < 0 ? text.length : end + 3
  }
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 92) at += 1
    else if (code === quote) return at + 1
    else if (code === 10) return at
  }
  return text.length
}

function readString(raw: string): string {
  if (raw.startsWith('"""')) return raw.slice(3, raw.endsWith('"""') && raw.length >= 6 ? -3 : undefined)
  if (!raw.includes('\\')) return raw.slice(1, raw.endsWith('"') && raw.length > 1 ? -1 : undefined)
  try {
    return JSON.parse(raw) as string
  } catch {
    return raw.slice(1)
  }
}
