import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { nearest } from '../kit/nearest.ts'
import type { Expression, ExpressionEngine, ExpressionFault } from './expression.ts'
import { factFields } from './fact-fields.ts'
import type { PolicyFacts } from './facts.ts'
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

class RequestFacts {
  method = ''
  path = ''
  host = ''
  query: Readonly<Record<string, string>> = {}
  headers: Readonly<Record<string, string>> = {}
  size = 0
  payload = ''
}
class IdentityFacts {
  principal = ''
  kind = ''
  name = ''
  tenant = ''
  roles: readonly string[] = []
  claims: Readonly<Record<string, unknown>> = {}
  confidence = 0
}
class EndpointFacts {
  id = ''
  template = ''
  params: Readonly<Record<string, string>> = {}
  known = false
  operation = ''
}
class ResponseFacts {
  status = 0
  size = 0
  headers: Readonly<Record<string, string>> = {}
}
class ObjectFacts {
  owner = ''
  tenant = ''
  foreign = false
  foreignTenant = false
}
class NowFacts {
  hour = 0
  weekday = 0
}

const constructors = {
  request: RequestFacts,
  identity: IdentityFacts,
  endpoint: EndpointFacts,
  response: ResponseFacts,
  object: ObjectFacts,
  now: NowFacts,
}

function createEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: { ...expressionLimits } })
  for (const [name, fields] of Object.entries(factFields)) {
    const type = `Fact_${name}`
    environment.registerType(type, {
      ctor: constructors[name as keyof typeof constructors],
      fields: { ...fields },
    })
    environment.registerVariable(name, type)
  }
  return environment
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value

function children(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = []
  const walk = (value: unknown): void => {
    if (isNode(value)) found.push(value)
    else if (Array.isArray(value)) for (const item of value) walk(item)
  }
  walk(node.args)
  return found
}

/** The tree's facts by name, its macros and its regular expressions. */
function survey(root: ASTNode): {
  variables: Set<string>
  macros: number
  fault: ExpressionFault | undefined
} {
  const variables = new Set<string>()
  let macroCount = 0
  let fault: ExpressionFault | undefined
  const visit = (node: ASTNode): void => {
    if (node.op === '.' && node.args[0].op === 'id' && node.args[0].args in factFields) {
      variables.add(`${node.args[0].args}.${node.args[1]}`)
      return
    }
    if (node.op === 'id' && node.args in factFields) variables.add(node.args)
    if (node.op === 'rcall') {
      if (macros.has(node.args[0])) macroCount += 1
      if (node.args[0] === 'matches') {
        const pattern = node.args[2][0]
        fault ??=
          pattern?.op === 'value' && typeof pattern.args === 'string'
            ? patternFault(pattern.args, pattern.start)
            : {
                message: 'The pattern of matches() must be written out.',
                offset: node.start,
                mend: 'Use a text in quotes as the pattern.',
              }
      }
    }
    if (node.op === 'call' && node.args[0] === 'matches')
      fault ??= { message: 'Write text.matches("pattern").', offset: node.start }
    for (const child of children(node)) visit(child)
  }
  visit(root)
  return { variables, macros: macroCount, fault }
}

/** `name` where the checker did not find it: the nearest fact. */
function meant(code: string, text: string, start: number, end: number): string | undefined {
  const wrong = text.slice(start, end)
  if (code === 'unknown_variable') {
    const found = nearest(wrong, Object.keys(factFields))
    return found === undefined
      ? `Known facts are ${Object.keys(factFields).join(', ')}.`
      : `Did you mean "${found}"?`
  }
  if (code !== 'no_such_key') return undefined
  const before = /(\w+)\s*\.\s*$/.exec(text.slice(0, start))?.[1]
  const fields =
    before !== undefined && before in factFields
      ? Object.keys(factFields[before as keyof typeof factFields])
      : []
  const found = nearest(wrong, fields)
  if (found !== undefined) return `Did you mean "${before}.${found}"?`
  return fields.length === 0 ? undefined : `${before} has ${fields.join(', ')}.`
}

export class CelEngine implements ExpressionEngine {
  readonly #environment = createEnvironment()

  compile(text: string): { readonly expression: Expression } | { readonly fault: ExpressionFault } {
    try {
      const checked = this.#environment.check(text)
      if (!checked.valid) {
        const error = checked.error
        const start = Math.min(error?.range?.start ?? 0, text.length)
        const mend = meant(error?.code ?? '', text, start, error?.range?.end ?? start)
        const summary =
          error === undefined
            ? 'not valid'
            : 'summary' in error && typeof error.summary === 'string'
              ? error.summary
              : error.message.split('\n')[0]!
        return {
          fault: {
            message: `The expression is not valid: ${summary}.`,
            offset: start,
            ...(mend === undefined ? {} : { mend }),
          },
        }
      }
      if (checked.type !== 'bool' && checked.type !== 'dyn') {
        return {
          fault: {
            message: `The expression is a ${checked.type}, it must be true or false.`,
            offset: 0,
            mend: 'Compare the value with something.',
          },
        }
      }
      const run = this.#environment.parse(text)
      const surveyed = survey(run.ast)
      if (surveyed.fault !== undefined) return { fault: surveyed.fault }
      if (surveyed.macros > maxMacros)
        return { fault: { message: `The expression has more than ${maxMacros} list macros.`, offset: 0 } }
      return {
        expression: {
          variables: surveyed.variables,
          constant: this.#fold(run.ast),
          evaluate: facts => {
            const value: unknown = run(facts)
            if (typeof value !== 'boolean') throw new TypeError('the expression did not give true or false')
            return value
          },
        },
      }
    } catch {
      return { fault: { message: 'The expression is not valid.', offset: 0 } }
    }
  }

  /** Facts as instances of the registered types, that is how the engine checks them; only the roots that are asked for. */
  bind(facts: PolicyFacts, roots: ReadonlySet<string>): object {
    return {
      ...(roots.has('request') ? { request: Object.assign(new RequestFacts(), facts.request) } : {}),
      ...(roots.has('identity') ? { identity: Object.assign(new IdentityFacts(), facts.identity) } : {}),
      ...(roots.has('endpoint') ? { endpoint: Object.assign(new EndpointFacts(), facts.endpoint) } : {}),
      ...(roots.has('now') ? { now: Object.assign(new NowFacts(), facts.now) } : {}),
      ...(roots.has('response') ? { response: Object.assign(new ResponseFacts(), facts.response) } : {}),
      ...(roots.has('object') ? { object: Object.assign(new ObjectFacts(), facts.object) } : {}),
    }
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
    if (survey(node).variables.size > 0) return undefined
    try {
      const value: unknown = this.#environment.parse(node.input.slice(node.start, node.end))({})
      return typeof value === 'boolean' ? value : undefined
    } catch {
      return undefined
    }
  }
}
