import type { ASTNode } from '@marcbachmann/cel-js'
import { inCidr } from './cidr.ts'
import type { BoundFacts } from './expression.ts'
import { factFields, flowRoot } from './fact-fields.ts'
import type { PolicyFacts } from './facts.ts'

type Read<Value> = (bound: BoundFacts) => Value

/** A map of texts: what it has of one name, and how many names. */
interface TextsRead {
  readonly at: (bound: BoundFacts, name: string) => string | undefined
  readonly size: Read<number>
}

/** A part of an expression that is read without the library. `int` is what a size is; literals of it are safe integers. */
type Native =
  | { readonly type: 'bool'; readonly read: Read<boolean> }
  | { readonly type: 'string'; readonly read: Read<string> }
  | { readonly type: 'double' | 'int'; readonly read: Read<number> }
  | { readonly type: 'list'; readonly read: Read<readonly unknown[]> }
  | { readonly type: 'texts'; readonly read: TextsRead }

/** One for all: where a value is absent or of another type `onError` decides, and nobody asks where that was. */
const fault = Object.freeze(new TypeError('a value is absent or of another type'))

type Part = Readonly<Record<string, unknown>> & {
  lookup?(field: string, name: string): string | undefined
}

const bool = (read: Read<boolean>): Native => ({ type: 'bool', read })
const double = (read: Read<number>): Native => ({ type: 'double', read })
const text = (read: Read<string>): Native => ({ type: 'string', read })
const int = (read: Read<number>): Native => ({ type: 'int', read })

/**
 * What a part of a checked expression comes to, as a function that reads the facts themselves: comparisons, logic, membership and
 * a few functions over facts whose type is known. Undefined of all else (bodies, claims, list macros, conversions).
 * A logical operator with one side of that kind asks `otherwise` for the other.
 */
export function nativeOf(
  node: ASTNode,
  otherwise: (node: ASTNode) => Read<unknown> | undefined,
): Native | undefined {
  const of = (inner: ASTNode): Native | undefined => nativeOf(inner, otherwise)
  switch (node.op) {
    case 'value':
      return literal(node.args)
    case '.':
    case '[]':
      return member(node, of)
    case '&&':
    case '||': {
      const [left, right] = node.args
      const [a, b] = [of(left), of(right)]
      if (a === undefined && b === undefined) return undefined
      const one = a === undefined ? otherwise(left) : truth(a)
      const other = b === undefined ? otherwise(right) : truth(b)
      if (one === undefined || other === undefined) return undefined
      return bool(node.op === '&&' ? both(one, other) : either(one, other))
    }
    case '!_': {
      const inner = of(node.args)
      if (inner?.type !== 'bool') return undefined
      const { read } = inner
      return bool(bound => !read(bound))
    }
    case '-_': {
      const inner = of(node.args)
      if (inner?.type !== 'double') return undefined
      const { read } = inner
      return double(bound => -read(bound))
    }
    case '?:': {
      const [condition, left, right] = node.args.map(of)
      return condition?.type === 'bool' && left !== undefined && right !== undefined
        ? choice(condition.read, left, right)
        : undefined
    }
    case 'in':
      return membership(of(node.args[0]), node.args[1], of)
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(node.op, of(node.args[0]), of(node.args[1]))
    case '+':
    case '-':
    case '*':
    case '/':
      return arithmetic(node.op, of(node.args[0]), of(node.args[1]))
    case 'call':
      return call(node.args[0], node.args[1], of)
    case 'rcall':
      return method(node.args[0], node.args[1], node.args[2], of)
    default:
      return undefined
  }
}

function literal(value: unknown): Native | undefined {
  switch (typeof value) {
    case 'string':
      return text(() => value)
    case 'number':
      return double(() => value)
    case 'boolean':
      return bool(() => value)
    case 'bigint': {
      const number = Number(value)
      return Number.isSafeInteger(number) ? int(() => number) : undefined
    }
    default:
      return undefined
  }
}

const truth = (one: Native): Read<unknown> | undefined => (one.type === 'bool' ? one.read : undefined)

/** What decides does so whatever the other side comes to, if it comes to anything. */
const both =
  (one: Read<unknown>, other: Read<unknown>): Read<boolean> =>
  bound => {
    let left: unknown
    try {
      left = one(bound)
    } catch {}
    if (left === false) return false
    const right = other(bound)
    if (right === false) return false
    if (left === true && right === true) return true
    throw fault
  }

const either =
  (one: Read<unknown>, other: Read<unknown>): Read<boolean> =>
  bound => {
    let left: unknown
    try {
      left = one(bound)
    } catch {}
    if (left === true) return true
    const right = other(bound)
    if (right === true) return true
    if (left === false && right === false) return false
    throw fault
  }

function choice(condition: Read<boolean>, one: Native, other: Native): Native | undefined {
  if (one.type === 'bool' && other.type === 'bool') {
    const [left, right] = [one.read, other.read]
    return bool(bound => (condition(bound) ? left(bound) : right(bound)))
  }
  if (one.type === 'string' && other.type === 'string') {
    const [left, right] = [one.read, other.read]
    return text(bound => (condition(bound) ? left(bound) : right(bound)))
  }
  if (one.type === 'double' && other.type === 'double') {
    const [left, right] = [one.read, other.read]
    return double(bound => (condition(bound) ? left(bound) : right(bound)))
  }
  return undefined
}

/** The name that a member is asked for, where it is written out. */
function writtenName(node: ASTNode): string | undefined {
  if (node.op === '.') return node.args[1]
  if (node.op !== '[]') return undefined
  const index = node.args[1]
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined
}

/** `root.field`, with the field's CEL type. */
interface Field {
  readonly root: (facts: PolicyFacts) => object | undefined
  readonly field: string
  readonly type: string
}

function fieldOf(node: ASTNode): Field | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [owner] = node.args
  const field = writtenName(node)
  if (field === undefined || owner.op !== 'id' || !Object.hasOwn(factFields, owner.args)) return undefined
  const root = owner.args as keyof typeof factFields
  const fields: Readonly<Record<string, string>> = factFields[root]
  const type = Object.hasOwn(fields, field) ? fields[field] : undefined
  return type === undefined ? undefined : { root: parts[root], field, type }
}

/** One place for each root: what is read everywhere by a name that varies is looked up anew every time. */
const parts: Readonly<Record<keyof typeof factFields, (facts: PolicyFacts) => object | undefined>> = {
  request: facts => facts.request,
  identity: facts => facts.identity,
  endpoint: facts => facts.endpoint,
  source: facts => facts.source,
  token: facts => facts.token,
  graphql: facts => facts.graphql,
  ai: facts => facts.ai,
  response: facts => facts.response,
  object: facts => facts.object,
  now: facts => facts.now,
}

const partOf = ({ facts }: BoundFacts, part: (facts: PolicyFacts) => object | undefined): Part | undefined =>
  part(facts) as Part | undefined

function member(
  node: ASTNode & { readonly op: '.' | '[]' },
  of: (node: ASTNode) => Native | undefined,
): Native | undefined {
  const field = fieldOf(node)
  if (field !== undefined) return readField(field)
  const owner = of(node.args[0])
  if (owner?.type !== 'texts') return undefined
  const { at } = owner.read
  const name = writtenName(node)
  if (name !== undefined)
    return text(bound => {
      const value = at(bound, name)
      if (value === undefined) throw fault
      return value
    })
  const index = node.op === '[]' ? of(node.args[1]) : undefined
  if (index?.type !== 'string') return undefined
  const { read } = index
  return text(bound => {
    const value = at(bound, read(bound))
    if (value === undefined) throw fault
    return value
  })
}

function readField({ root, field, type }: Field): Native | undefined {
  switch (type) {
    case 'string':
      return text(bound => {
        const value = partOf(bound, root)?.[field]
        if (typeof value !== 'string') throw fault
        return value
      })
    case 'double':
      return double(bound => {
        const value = partOf(bound, root)?.[field]
        if (typeof value !== 'number') throw fault
        return value
      })
    case 'bool':
      return bool(bound => {
        const value = partOf(bound, root)?.[field]
        if (typeof value !== 'boolean') throw fault
        return value
      })
    case 'list<string>':
      return {
        type: 'list',
        read: bound => {
          const value = partOf(bound, root)?.[field]
          if (!Array.isArray(value)) throw fault
          return value
        },
      }
    case 'map<string, string>':
      return { type: 'texts', read: readTexts(root, field) }
    default:
      return undefined
  }
}

function readTexts(root: Field['root'], field: string): TextsRead {
  const whole = (part: Part | undefined): Readonly<Record<string, unknown>> => {
    const value = part?.[field]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault
    return value as Readonly<Record<string, unknown>>
  }
  return {
    at: (bound, name) => {
      const part = partOf(bound, root)
      if (part?.lookup !== undefined) return part.lookup(field, name)
      const texts = whole(part)
      if (!Object.hasOwn(texts, name)) return undefined
      const value = texts[name]
      if (value !== undefined && typeof value !== 'string') throw fault
      return value
    },
    size: bound => Object.keys(whole(partOf(bound, root))).length,
  }
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** Texts are ordered by their UTF-16 units, as the library does. */
const orders = {
  '==': (a: unknown, b: unknown) => a === b,
  '!=': (a: unknown, b: unknown) => a !== b,
  '<': (a: never, b: never) => a < b,
  '<=': (a: never, b: never) => a <= b,
  '>': (a: never, b: never) => a > b,
  '>=': (a: never, b: never) => a >= b,
} as const satisfies Record<Comparison, (a: never, b: never) => boolean>

const scalars: ReadonlySet<Native['type']> = new Set(['bool', 'string', 'double', 'int'])

function comparison(op: Comparison, one: Native | undefined, other: Native | undefined): Native | undefined {
  if (one === undefined || other === undefined || one.type !== other.type || !scalars.has(one.type))
    return undefined
  const left = one.read as Read<never>
  const right = other.read as Read<never>
  const holds: (a: never, b: never) => boolean = orders[op]
  return bool(bound => holds(left(bound), right(bound)))
}

type Arithmetic = '+' | '-' | '*' | '/'

function arithmetic(op: Arithmetic, one: Native | undefined, other: Native | undefined): Native | undefined {
  if (op === '+' && one?.type === 'string' && other?.type === 'string') {
    const [left, right] = [one.read, other.read]
    return text(bound => left(bound) + right(bound))
  }
  if (one?.type !== 'double' || other?.type !== 'double') return undefined
  const [left, right] = [one.read, other.read]
  switch (op) {
    case '+':
      return double(bound => left(bound) + right(bound))
    case '-':
      return double(bound => left(bound) - right(bound))
    case '*':
      return double(bound => left(bound) * right(bound))
    case '/':
      return double(bound => left(bound) / right(bound))
  }
}

function membership(
  one: Native | undefined,
  whole: ASTNode,
  of: (node: ASTNode) => Native | undefined,
): Native | undefined {
  if (one?.type !== 'string' && one?.type !== 'double') return undefined
  if (whole.op === 'list') {
    const type = one.type === 'string' ? 'string' : 'number'
    const values = whole.args.map(item => (item.op === 'value' ? item.args : undefined))
    if (values.some(value => typeof value !== type)) return undefined
    const set: ReadonlySet<unknown> = new Set(values)
    const { read } = one
    return bool(bound => set.has(read(bound)))
  }
  const within = of(whole)
  if (one.type !== 'string') return undefined
  const { read } = one
  if (within?.type === 'list') {
    const list = within.read
    return bool(bound => {
      const value = read(bound)
      return list(bound).includes(value)
    })
  }
  if (within?.type === 'texts') {
    const { at } = within.read
    return bool(bound => at(bound, read(bound)) !== undefined)
  }
  return undefined
}

function sizeOf(one: Native | undefined): Native | undefined {
  if (one?.type === 'string') {
    const { read } = one
    return int(bound => characters(read(bound)))
  }
  if (one?.type === 'list') {
    const { read } = one
    return int(bound => read(bound).length)
  }
  return one?.type === 'texts' ? int(one.read.size) : undefined
}

/** Code points; half a pair is one by itself. */
function characters(value: string): number {
  let count = value.length
  for (let index = 0; index < value.length - 1; index += 1) {
    if ((value.charCodeAt(index) & 0xfc00) !== 0xd800) continue
    if ((value.charCodeAt(index + 1) & 0xfc00) !== 0xdc00) continue
    count -= 1
    index += 1
  }
  return count
}

function call(
  name: string,
  args: readonly ASTNode[],
  of: (node: ASTNode) => Native | undefined,
): Native | undefined {
  const [first, second] = args
  if (first === undefined) return undefined
  if (name === 'size' && args.length === 1) return sizeOf(of(first))
  if (name === 'has' && args.length === 1) return presence(first)
  if (name !== 'inCidr' || second === undefined) return undefined
  const [address, range] = [of(first), of(second)]
  if (address?.type !== 'string' || range?.type !== 'string') return undefined
  const [ip, cidr] = [address.read, range.read]
  return bool(bound => inCidr(ip(bound), cidr(bound)))
}

/** `has(root.field)` and `has(root.texts.name)`. */
function presence(node: ASTNode): Native | undefined {
  if (node.op !== '.') return undefined
  const field = fieldOf(node)
  if (field !== undefined) {
    const native = readField(field)
    if (native === undefined) return undefined
    const { root, field: name } = field
    const read: Read<unknown> = native.type === 'texts' ? native.read.size : native.read
    return bool(bound => {
      if (partOf(bound, root)?.[name] === undefined) return false
      read(bound)
      return true
    })
  }
  const owner = fieldOf(node.args[0])
  const texts = owner === undefined ? undefined : readField(owner)
  if (texts?.type !== 'texts') return undefined
  const { at } = texts.read
  const [, name] = node.args
  return bool(bound => at(bound, name) !== undefined)
}

function method(
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  of: (node: ASTNode) => Native | undefined,
): Native | undefined {
  const [first] = args
  if (receiver.op === 'id') return receiver.args === flowRoot ? flowMethod(name, first) : undefined
  const one = of(receiver)
  if (name === 'size' && args.length === 0) return sizeOf(one)
  if (one?.type !== 'string' || first === undefined || args.length > 1) return undefined
  const { read } = one
  if (name === 'matches') {
    const pattern = first.op === 'value' && typeof first.args === 'string' ? compiled(first.args) : undefined
    return pattern === undefined ? undefined : bool(bound => pattern.test(read(bound)))
  }
  const other = of(first)
  if (other?.type !== 'string') return undefined
  const what = other.read
  switch (name) {
    case 'startsWith':
      return bool(bound => read(bound).startsWith(what(bound)))
    case 'endsWith':
      return bool(bound => read(bound).endsWith(what(bound)))
    case 'contains':
      return bool(bound => read(bound).includes(what(bound)))
    default:
      return undefined
  }
}

function compiled(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern)
  } catch {
    return undefined
  }
}

function flowMethod(name: string, endpoint: ASTNode | undefined): Native | undefined {
  if (endpoint?.op !== 'value' || typeof endpoint.args !== 'string') return undefined
  const asked = endpoint.args
  if (name === 'done') return bool(({ facts }) => (facts.flow.secondsSince(asked) ?? 0) >= 0)
  if (name !== 'secondsSince') return undefined
  return double(({ facts }) => {
    const seconds = facts.flow.secondsSince(asked)
    if (seconds === undefined) throw fault
    return seconds
  })
}
