import type { ASTNode } from '@marcbachmann/cel-js'
import { chainOf, children, type ElementNames } from './cel-chain.ts'
import type { ExpressionType, FactLiteral, FactPath, FactUse, JsonType } from './expression.ts'
import { factFields } from './fact-fields.ts'

const typeWords: Readonly<Record<JsonType, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  null: 'null',
}

/** Functions of CEL: what they are asked of, where that is a value of a body, and what they give. */
const functions: Readonly<Record<string, { readonly of?: readonly JsonType[]; readonly gives?: JsonType }>> =
  {
    size: { of: ['string', 'array', 'object'], gives: 'number' },
    double: { of: ['string', 'number'], gives: 'number' },
    int: { of: ['string', 'number'], gives: 'number' },
    uint: { of: ['string', 'number'], gives: 'number' },
    string: { of: ['string', 'number', 'boolean'], gives: 'string' },
    bool: { of: ['string', 'boolean'], gives: 'boolean' },
    timestamp: { of: ['string', 'number'] },
    duration: { of: ['string'] },
    has: { gives: 'boolean' },
    inCidr: { of: ['string'], gives: 'boolean' },
  }
const methods: typeof functions = {
  size: functions.size!,
  startsWith: { of: ['string'], gives: 'boolean' },
  endsWith: { of: ['string'], gives: 'boolean' },
  contains: { of: ['string'], gives: 'boolean' },
  matches: { of: ['string'], gives: 'boolean' },
  lowerAscii: { of: ['string'], gives: 'string' },
  upperAscii: { of: ['string'], gives: 'string' },
  trim: { of: ['string'], gives: 'string' },
  substring: { of: ['string'], gives: 'string' },
  indexOf: { of: ['string'], gives: 'number' },
  lastIndexOf: { of: ['string'], gives: 'number' },
  split: { of: ['string'], gives: 'array' },
  join: { of: ['array'], gives: 'string' },
  done: { gives: 'boolean' },
  secondsSince: { gives: 'number' },
}
/** Methods whose first argument is a text too. */
const textual = new Set(['startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf', 'split'])
const macros: Readonly<Record<string, JsonType>> = {
  all: 'boolean',
  exists: 'boolean',
  exists_one: 'boolean',
  map: 'array',
  filter: 'array',
}

const results: Readonly<Record<ExpressionType, readonly JsonType[]>> = {
  bool: ['boolean'],
  // A key out of a body may be a number as well.
  string: ['string', 'number'],
  double: ['number'],
}
const resultWords: Readonly<Record<ExpressionType, string>> = {
  bool: 'it is no condition',
  string: 'it is no text to count by',
  double: 'it is no number to add up',
}

const has = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** Deeper than a body itself: what a schema says of. */
const isOfBody = (chain: readonly string[] | undefined): chain is readonly string[] =>
  chain !== undefined &&
  chain.length > 2 &&
  (chain[0] === 'request' || chain[0] === 'response') &&
  chain[1] === 'body'

/** The type of a fact, which is fixed; undefined of what bodies and claims hold. */
function factType([root = '', field = '', ...rest]: readonly string[]): JsonType | undefined {
  const fields = has<Readonly<Record<string, string>>>(factFields, root)
  const written = fields === undefined ? undefined : has(fields, field)
  if (written === undefined || rest.length > 1) return undefined
  const [, inner] = /^(?:list<|map<string, )(\w+)>$/.exec(written) ?? []
  const type = rest.length === 0 ? written : inner
  if (type === 'double') return 'number'
  if (type === 'bool') return 'boolean'
  if (type === 'string') return 'string'
  if (rest.length > 0) return undefined
  return written.startsWith('list') ? 'array' : written.startsWith('map') ? 'object' : undefined
}

function literalOf(node: ASTNode): FactLiteral | undefined {
  if (node.op !== 'value') return undefined
  const value: unknown = node.args
  if (typeof value === 'bigint') return { value: Number(value), offset: node.start }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? { value, offset: node.start }
    : undefined
}

const scalarType = (value: FactLiteral['value'] | undefined): JsonType | undefined =>
  value === undefined ? undefined : (typeof value as 'string' | 'number' | 'boolean')

/**
 * What an expression does with values of bodies, and the chains that it reads of elements that list macros go through. Only what is certain:
 * where the type of the other side is open, nothing is asked.
 *
 * @param root a checked expression
 * @param type what it must come to
 */
export function usesOf(
  root: ASTNode,
  type: ExpressionType,
): { readonly uses: readonly FactUse[]; readonly elements: readonly FactPath[] } {
  const reader = new UseReader()
  reader.visit(root, new Map())
  reader.ask(root, new Map(), results[type], resultWords[type])
  return { uses: reader.uses, elements: reader.elements }
}

class UseReader {
  readonly uses: FactUse[] = []
  readonly elements: FactPath[] = []

  visit(node: ASTNode, scope: ElementNames): void {
    const chain = scope.size === 0 ? undefined : chainOf(node, scope)
    if (chain?.includes('[*]') === true) {
      this.elements.push({ names: chain, offset: node.start })
      return
    }
    switch (node.op) {
      case '==':
      case '!=':
        this.#alike(node.args, scope)
        break
      case '<':
      case '<=':
      case '>':
      case '>=':
        this.#ordered(node.args, scope)
        break
      case 'in':
        this.#member(node.args, scope)
        break
      case '+':
        this.#added(node.args, scope)
        break
      case '-':
      case '*':
      case '/':
      case '%': {
        const [left, right] = node.args
        // A time less a duration is no arithmetic with numbers.
        if (node.op === '-' && [left, right].some(one => one.op === 'call')) break
        for (const side of [left, right])
          this.ask(side, scope, ['number'], 'it cannot be reckoned with as a number')
        break
      }
      case '-_':
        this.ask(node.args, scope, ['number'], 'it cannot be reckoned with as a number')
        break
      case '!_':
        this.ask(node.args, scope, ['boolean'], 'it is no condition')
        break
      case '&&':
      case '||':
        for (const side of node.args) this.ask(side, scope, ['boolean'], 'it is no condition')
        break
      case '?:':
        this.ask(node.args[0], scope, ['boolean'], 'it is no condition')
        break
      case 'call':
        this.#called(node.args, scope)
        break
      case 'rcall':
        this.#asked(node.args, scope)
        return
    }
    for (const child of children(node)) this.visit(child, scope)
  }

  /** That a value of a body is of one of these types. */
  ask(
    node: ASTNode,
    scope: ElementNames,
    accepts: readonly JsonType[],
    otherwise: string,
    literals?: readonly FactLiteral[],
  ): void {
    if (node.op === '?:') {
      for (const branch of node.args.slice(1)) this.ask(branch, scope, accepts, otherwise)
      return
    }
    const names = chainOf(node, scope)
    if (!isOfBody(names)) return
    this.uses.push({
      names,
      offset: node.start,
      accepts,
      otherwise,
      ...(literals === undefined || literals.length === 0 ? {} : { literals }),
    })
  }

  #alike([left, right]: readonly [ASTNode, ASTNode], scope: ElementNames): void {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const type = this.#typeOf(other, scope)
      const literal = literalOf(other)
      // Whoever sends a body may write null where nothing else is expected.
      if (type !== undefined && type !== 'null')
        this.ask(
          one,
          scope,
          [type],
          `it never equals ${typeWords[type]}`,
          literal === undefined ? [] : [literal],
        )
    }
    this.#both(left, right, scope, 'the two are never equal')
  }

  #ordered([left, right]: readonly [ASTNode, ASTNode], scope: ElementNames): void {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const type = this.#typeOf(other, scope)
      const known = type === 'number' || type === 'string' || type === 'boolean'
      const words = known ? typeWords[type] : 'anything'
      this.ask(
        one,
        scope,
        known ? [type] : ['number', 'string', 'boolean'],
        `it is neither more nor less than ${words}`,
      )
    }
    this.#both(left, right, scope, 'neither is more than the other')
  }

  #both(left: ASTNode, right: ASTNode, scope: ElementNames, otherwise: string): void {
    const [names, like] = [chainOf(left, scope), chainOf(right, scope)]
    if (isOfBody(names) && isOfBody(like))
      this.uses.push({ names, like, offset: left.start, accepts: [], otherwise })
  }

  #member([one, list]: readonly [ASTNode, ASTNode], scope: ElementNames): void {
    if (list.op === 'list') {
      const types = list.args.map(item => this.#typeOf(item, scope))
      const literals = list.args.map(literalOf)
      if (types.length === 0 || types.includes(undefined) || types.includes('null')) return
      const accepts = [...new Set(types as JsonType[])]
      this.ask(
        one,
        scope,
        accepts,
        'it is never in that list',
        literals.filter(literal => literal !== undefined),
      )
      return
    }
    this.ask(list, scope, ['array', 'object'], 'nothing is ever in it')
    const names = chainOf(list, scope)
    const type = this.#typeOf(one, scope)
    const literal = literalOf(one)
    if (isOfBody(names) && type !== undefined && type !== 'null')
      this.uses.push({
        names: [...names, '[*]'],
        offset: list.start,
        accepts: [type],
        otherwise: `it never equals ${typeWords[type]}`,
        ...(literal === undefined ? {} : { literals: [literal] }),
      })
    // Lists of facts hold texts, and so do the names of maps.
    const fact = names === undefined || isOfBody(names) ? undefined : factType(names)
    if (fact === 'array' || fact === 'object') this.ask(one, scope, ['string'], 'it is never in that list')
  }

  #added([left, right]: readonly [ASTNode, ASTNode], scope: ElementNames): void {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const type = this.#typeOf(other, scope)
      if (type !== undefined) this.ask(one, scope, [type], `${typeWords[type]} cannot be added to it`)
      else if (isOfBody(chainOf(other, scope)))
        this.ask(one, scope, ['number', 'string', 'array'], 'nothing can be added to it')
    }
    this.#both(left, right, scope, 'the two cannot be added')
  }

  #called([name, args]: readonly [string, readonly ASTNode[]], scope: ElementNames): void {
    const of = has(functions, name)?.of
    if (of === undefined) return
    // What a conversion cannot read it fails on; the same of a number and of a time, which is none of JSON's types.
    for (const arg of args) this.ask(arg, scope, of, `${name}() cannot be asked of it`)
  }

  #asked([name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], scope: ElementNames): void {
    this.visit(receiver, scope)
    if (has(macros, name) !== undefined && args.length > 1) {
      this.ask(receiver, scope, ['array', 'object'], `${name}() cannot go through it`)
      const list = chainOf(receiver, scope)
      const [element, ...bodies] = args
      const inner = new Map(scope)
      if (element?.op === 'id') {
        if (list?.[1] === 'body') inner.set(element.args, [...list, '[*]'])
        else inner.delete(element.args)
      }
      for (const body of bodies) this.visit(body, inner)
      const last = bodies.at(-1)
      if (name !== 'map' && last !== undefined) this.ask(last, inner, ['boolean'], 'it is no condition')
      return
    }
    const of = has(methods, name)?.of
    if (of !== undefined) this.ask(receiver, scope, of, `${name}() cannot be asked of it`)
    if (textual.has(name) && args[0] !== undefined)
      this.ask(args[0], scope, ['string'], `${name}() takes a text`)
    for (const arg of args) this.visit(arg, scope)
  }

  /** Known without a schema; undefined of values of bodies. */
  #typeOf(node: ASTNode, scope: ElementNames): JsonType | undefined {
    const chain = chainOf(node, scope)
    if (chain !== undefined) return chain.includes('[*]') ? undefined : factType(chain)
    switch (node.op) {
      case 'value':
        return node.args === null ? 'null' : scalarType(literalOf(node)?.value)
      case 'list':
        return 'array'
      case 'map':
        return 'object'
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
      case '&&':
      case '||':
      case '!_':
        return 'boolean'
      case '*':
      case '/':
      case '%':
      case '-_':
        return 'number'
      case '+':
      case '-':
        return node.args.map(side => this.#typeOf(side, scope)).find(type => type !== undefined)
      case '?:': {
        const [, one, other] = node.args
        const type = this.#typeOf(one, scope)
        return type === this.#typeOf(other, scope) ? type : undefined
      }
      case 'call':
        return has(functions, node.args[0])?.gives
      case 'rcall':
        return has(macros, node.args[0]) ?? has(methods, node.args[0])?.gives
      default:
        return undefined
    }
  }
}
