import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { nearest } from '../kit/nearest.ts'
import { chainOf, children } from './cel-chain.ts'
import { usesOf } from './cel-uses.ts'
import { inCidr, isCidr } from './cidr.ts'
import type {
  BoundFacts,
  Compiled,
  Expression,
  ExpressionEngine,
  ExpressionFault,
  ExpressionType,
  ExpressionValues,
  FactPath,
} from './expression.ts'
import { factFields, flowRoot } from './fact-fields.ts'
import type { FlowFacts, PolicyFacts } from './facts.ts'
import { nativeOf } from './native-expression.ts'
import { patternFault } from './pattern.ts'

/** Structural bounds of one expression: large enough for people, small enough that cost stays in microseconds. */
export const expressionLimits = {
  maxAstNodes: 200,
  maxDepth: 40,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
} as const
/** A macro multiplies its cost by the list's length: at most this many in one expression. */
export const maxMacros = 4

const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

type Root = keyof typeof factFields

/** One class per root: the engine knows a value's type by its constructor. Which fields it has is for the plan of a binding to say. */
const classOf = (): (new () => Record<string, unknown>) => class {} as new () => Record<string, unknown>

const roots = Object.keys(factFields) as Root[]
const classes = Object.fromEntries(roots.map(root => [root, classOf()])) as Readonly<
  Record<Root, ReturnType<typeof classOf>>
>

class Flow {
  readonly facts: FlowFacts
  constructor(facts: FlowFacts) {
    this.facts = facts
  }
}

const typeName = (root: string): string => `Fact${root[0]!.toUpperCase()}${root.slice(1)}`

function createEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: { ...expressionLimits } })
  for (const root of roots) {
    environment.registerType(typeName(root), { ctor: classes[root], fields: { ...factFields[root] } })
    environment.registerVariable(root, typeName(root))
  }
  const flow = typeName(flowRoot)
  environment.registerType(flow, { ctor: Flow, fields: {} })
  environment.registerVariable(flowRoot, flow)
  environment.registerFunction(
    `${flow}.done(string): bool`,
    ({ facts }: Flow, endpoint: string) => (facts.secondsSince(endpoint) ?? 0) >= 0,
  )
  environment.registerFunction(
    `${flow}.secondsSince(string): double`,
    ({ facts }: Flow, endpoint: string) => {
      const seconds = facts.secondsSince(endpoint)
      if (seconds === undefined) throw new RangeError('what the caller did before is not known')
      return seconds
    },
  )
  environment.registerFunction('inCidr(string, string): bool', inCidr)
  return environment
}

interface Survey {
  readonly variables: Set<string>
  readonly paths: FactPath[]
  readonly predecessors: string[]
  macros: number
  fault: ExpressionFault | undefined
}

/** Bodies are as long as callers write them: what walks one does not do so again for each of its elements. */
const walksBody = (variables: ReadonlySet<string>): boolean =>
  ['request', 'request.body', 'response', 'response.body'].some(name => variables.has(name))

const literal = (node: ASTNode | undefined): string | undefined =>
  node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined

/** An endpoint as `flow` is asked about one. */
const predecessorForm = /^(?:[A-Z]{1,16} |\* )?\/[^\s#]*$/

/** What a tree reads and calls, and what of it is refused. */
function survey(root: ASTNode): Survey {
  const found: Survey = { variables: new Set(), paths: [], predecessors: [], macros: 0, fault: undefined }
  let nested: ASTNode | undefined
  const refuse = (node: ASTNode, message: string, mend: string): void => {
    found.fault ??= { message, offset: node.start, mend }
  }
  const visitCall = (node: ASTNode, name: string, receiver: ASTNode, args: readonly ASTNode[]): void => {
    if (name === 'matches') {
      const pattern = literal(args[0])
      if (pattern === undefined)
        refuse(node, 'The pattern of matches() must be written out.', 'Use a text in quotes as the pattern.')
      else found.fault ??= patternFault(pattern, args[0]?.start ?? node.start)
    }
    if (receiver.op !== 'id' || receiver.args !== flowRoot) return
    const endpoint = literal(args[0])
    if (endpoint !== undefined && predecessorForm.test(endpoint)) found.predecessors.push(endpoint)
    else
      refuse(
        args[0] ?? node,
        `flow.${name}() is asked about one endpoint.`,
        'Write it out: flow.done("POST /cart").',
      )
  }
  const visit = (node: ASTNode, within: number): void => {
    const chain = chainOf(node)
    if (chain !== undefined) {
      const [first = '', second] = chain
      found.variables.add(second === undefined || first === flowRoot ? first : `${first}.${second}`)
      found.paths.push({ names: chain, offset: node.start })
    }
    const depth = within
    if (node.op === 'rcall') {
      const [name, receiver, args] = node.args
      if (macros.has(name)) {
        found.macros += 1
        if (depth > 0) nested ??= node
        // The list itself is worked out once.
        visit(receiver, within)
        for (const arg of args) visit(arg, within + 1)
        return
      } else visitCall(node, name, receiver, args)
    } else if (node.op === 'in' && depth > 0 && node.args[1].op !== 'list') nested ??= node
    else if (node.op === 'call') {
      const [name, args] = node.args
      if (name === 'matches')
        found.fault ??= { message: 'Write text.matches("pattern").', offset: node.start }
      const range = name === 'inCidr' ? literal(args[1]) : undefined
      if (name === 'inCidr' && (range === undefined || !isCidr(range)))
        refuse(
          args[1] ?? node,
          'The range of inCidr() must be written out.',
          'Write inCidr(source.ip, "10.0.0.0/8").',
        )
    }
    if (chain === undefined) for (const child of children(node)) visit(child, depth)
    else visitIndices(node, depth)
  }
  const visitIndices = (node: ASTNode, depth: number): void => {
    if (node.op === '.') visitIndices(node.args[0], depth)
    else if (node.op === '[]') {
      visitIndices(node.args[0], depth)
      visit(node.args[1], depth)
    }
  }
  visit(root, 0)
  if (nested !== undefined && walksBody(found.variables))
    refuse(
      nested,
      'An expression that reads a body cannot look through one list for each element of another.',
      'Use one list macro by itself, and lists that are written out after "in".',
    )
  if (found.macros > maxMacros)
    found.fault ??= { message: `The expression has more than ${maxMacros} list macros.`, offset: 0 }
  return found
}

/** What may be meant where the checker found fault. */
function meant(code: string, text: string, start: number, end: number, message: string): string | undefined {
  const wrong = text.slice(start, end)
  const known: readonly string[] = [...roots, flowRoot]
  if (code === 'unknown_variable') {
    const found = nearest(wrong, known)
    return found === undefined ? `Known facts are ${known.join(', ')}.` : `Did you mean "${found}"?`
  }
  if (/\bdouble\b.*\bint\b|\bint\b.*\bdouble\b/.test(message))
    return 'All numbers are doubles: write 1.0, not 1.'
  if (code !== 'no_such_key') return undefined
  const before = /(\w{1,40})\s?\.\s?$/.exec(text.slice(0, start))?.[1]
  const fields =
    before !== undefined && Object.hasOwn(factFields, before) ? Object.keys(factFields[before as Root]) : []
  const found = nearest(wrong, fields)
  if (found !== undefined) return `Did you mean "${before}.${found}"?`
  return fields.length === 0 ? undefined : `${before} has ${fields.join(', ')}.`
}

/** Fields to read, by root, and whether `flow` is asked. */
interface Plan {
  readonly reads: readonly (readonly [root: Root, fields: readonly string[]])[]
  readonly flow: boolean
}

/** Facts, and what the library reads of them once it is asked. */
class Bound implements BoundFacts {
  readonly facts: PolicyFacts
  readonly #plan: Plan
  #typed: object | undefined

  constructor(facts: PolicyFacts, plan: Plan) {
    this.facts = facts
    this.#plan = plan
  }

  get typed(): object {
    this.#typed ??= typed(this.facts, this.#plan)
    return this.#typed
  }
}

const typedOf = (bound: BoundFacts): object => (bound as Bound).typed

/** Facts as instances of the registered types, that is how the library checks them. */
function typed(facts: PolicyFacts, { reads, flow }: Plan): object {
  const bound: Record<string, unknown> = {}
  for (const [root, fields] of reads) {
    const from = facts[root] as Readonly<Record<string, unknown>> | undefined
    const value = new classes[root]()
    if (from !== undefined) for (const field of fields) value[field] = plainly(from[field])
    bound[root] = value
  }
  if (flow) bound[flowRoot] = new Flow(facts.flow)
  return bound
}

/**
 * The library knows an object by its `constructor`, and one that callers wrote may have a member of that name: it is handed over as a
 * map, so that no expression fails over it.
 */
function plainly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !namesConstructor(value)) return value
  if (Array.isArray(value)) return value.map(plainly)
  const entries = Object.entries(value).map(([name, inner]) => [name, plainly(inner)] as const)
  return Object.hasOwn(value, 'constructor') ? new Map(entries) : Object.fromEntries(entries)
}

function namesConstructor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(namesConstructor)
  if (Object.hasOwn(value, 'constructor')) return true
  for (const name in value) if (namesConstructor((value as Record<string, unknown>)[name])) return true
  return false
}

const accepted: Readonly<
  Record<ExpressionType, { readonly types: readonly string[]; readonly what: string }>
> = {
  bool: { types: ['bool', 'dyn'], what: 'true or false' },
  string: { types: ['string', 'dyn'], what: 'a text' },
  double: { types: ['double', 'int', 'dyn'], what: 'a number' },
}

/** The value as the expression's type has it. */
function read(value: unknown, type: ExpressionType): boolean | string | number {
  if (type === 'bool' && typeof value === 'boolean') return value
  if (type === 'string') {
    if (typeof value === 'string') return value
    // A key out of a body may be a number as well as a text.
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  }
  if (type === 'double') {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return number
  }
  throw new TypeError(`the expression did not give ${accepted[type].what}`)
}

/** Longest expression, in characters. */
export const maxExpressionLength = 8_192

interface CelEngineOptions {
  /** Read what is simple without the library; true when absent. Without it all is left to the library, to compare with. */
  readonly native?: boolean
}

export class CelEngine implements ExpressionEngine {
  readonly #environment = createEnvironment()
  readonly #native: boolean
  readonly #plans = new WeakMap<ReadonlySet<string>, Plan>()

  constructor({ native = true }: CelEngineOptions = {}) {
    this.#native = native
  }

  compile(text: string): Compiled<'bool'>
  compile<Type extends ExpressionType>(text: string, type: Type): Compiled<Type>
  compile(text: string, type: ExpressionType = 'bool'): Compiled<ExpressionType> {
    if (text.length > maxExpressionLength)
      return {
        fault: { message: `The expression is longer than ${maxExpressionLength} characters.`, offset: 0 },
      }
    try {
      return this.#compile(text, type)
    } catch {
      return { fault: { message: 'The expression is not valid.', offset: 0 } }
    }
  }

  #compile(text: string, type: ExpressionType): Compiled<ExpressionType> {
    const checked = this.#environment.check(text)
    if (!checked.valid) {
      const error = checked.error
      const start = Math.min(error?.range?.start ?? 0, text.length)
      const summary =
        error === undefined
          ? 'not valid'
          : 'summary' in error && typeof error.summary === 'string'
            ? error.summary
            : error.message.split('\n')[0]!
      const mend = meant(error?.code ?? '', text, start, error?.range?.end ?? start, summary)
      return {
        fault: {
          message: `The expression is not valid: ${summary}.`,
          offset: start,
          ...(mend === undefined ? {} : { mend }),
        },
      }
    }
    const { types, what } = accepted[type]
    if (checked.type === undefined || !types.includes(checked.type)) {
      return {
        fault: {
          message: `The expression is a ${checked.type}, it must be ${what}.`,
          offset: 0,
          mend: type === 'bool' ? 'Compare the value with something.' : `Name a fact that is ${what}.`,
        },
      }
    }
    const run = this.#environment.parse(text)
    const { fault, variables, paths, predecessors } = survey(run.ast)
    if (fault !== undefined) return { fault }
    const { uses, elements } = usesOf(run.ast, type)
    const evaluated = this.#readsItself(run.ast) ?? (bound => run(typedOf(bound)))
    const expression: Expression<ExpressionType> = {
      variables,
      paths: [...paths, ...elements],
      uses,
      predecessors,
      constant: type === 'bool' ? this.#fold(run.ast) : undefined,
      evaluate: bound => read(evaluated(bound), type) as ExpressionValues[ExpressionType],
    }
    return { expression }
  }

  /** The expression without the library, as far as that goes. */
  #readsItself(ast: ASTNode): ((bound: BoundFacts) => unknown) | undefined {
    if (!this.#native) return undefined
    const native = nativeOf(ast, node => {
      // A part whose first or last bracket lies outside of its range cannot be read by itself: then all is left to the library.
      const part = node.input.slice(node.start, node.end)
      if (!this.#environment.check(part).valid) return undefined
      const run = this.#environment.parse(part)
      return bound => run(typedOf(bound))
    })
    return native === undefined || native.type === 'list' || native.type === 'texts' ? undefined : native.read
  }

  bind(facts: PolicyFacts, names: ReadonlySet<string>): BoundFacts {
    let plan = this.#plans.get(names)
    if (plan === undefined) {
      plan = planOf(names)
      this.#plans.set(names, plan)
    }
    return new Bound(facts, plan)
  }

  #fold(node: ASTNode): boolean | undefined {
    if (node.op === '&&' || node.op === '||') {
      const left = this.#fold(node.args[0])
      const right = this.#fold(node.args[1])
      const decides = node.op === '||'
      if (left === decides || right === decides) return decides
      return left !== undefined && right !== undefined ? !decides : undefined
    }
    if (node.op === '!_') {
      const inner = this.#fold(node.args)
      return inner === undefined ? undefined : !inner
    }
    const { variables, fault } = survey(node)
    if (variables.size > 0 || fault !== undefined) return undefined
    try {
      const value: unknown = this.#environment.parse(node.input.slice(node.start, node.end))({})
      return typeof value === 'boolean' ? value : undefined
    } catch {
      return undefined
    }
  }
}

function planOf(names: ReadonlySet<string>): Plan {
  const reads = roots.flatMap(root => {
    const fields = Object.keys(factFields[root])
    const read = names.has(root) ? fields : fields.filter(field => names.has(`${root}.${field}`))
    return read.length === 0 ? [] : [[root, read] as const]
  })
  return { reads, flow: names.has(flowRoot) }
}
