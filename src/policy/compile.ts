import { stableHash } from '../kit/hash.ts'
import { IndexedBundle } from './bundle.ts'
import { CelEngine } from './cel-engine.ts'
import { type CompiledPolicy, compilePolicy, phaseOf } from './compiled-policy.ts'
import type { PolicyDocument, PolicyProblem, SourcePosition, WrittenExpression } from './document.ts'
import type { Expression, ExpressionEngine, ExpressionType } from './expression.ts'
import { flowRoot } from './fact-fields.ts'
import type { PolicyBundle } from './facts.ts'
import { parsePolicies } from './parse.ts'

export interface PolicySource {
  /** File or policy name, for messages. */
  readonly name: string
  readonly source: string
  readonly version: number
}

export interface CompileOptions {
  /** Milliseconds since the epoch; policies that expired by then are ignored with a warning. Without it none has. */
  readonly now?: number
  readonly engine?: ExpressionEngine
}

export interface Compilation {
  readonly bundle: PolicyBundle
  readonly problems: readonly PolicyProblem[]
  readonly policies: readonly CompiledPolicy[]
  /** When the next policy expires: compile again then. */
  readonly nextExpiry?: number
}

/** One engine for all: it holds declarations only. */
let shared: ExpressionEngine | undefined
export const expressionEngine = (): ExpressionEngine => {
  shared ??= new CelEngine()
  return shared
}

/**
 * Checks and compiles policies into an index. Documents with an error are problems and are left out of the bundle; a
 * caller that wants all or nothing looks for problems of severity `error`. Never throws.
 */
export function compilePolicies(sources: readonly PolicySource[], options: CompileOptions = {}): Compilation {
  const engine = options.engine ?? expressionEngine()
  const problems: PolicyProblem[] = []
  const policies: CompiledPolicy[] = []
  const names = new Map<string, string>()
  let nextExpiry: number | undefined
  for (const { name: file, source, version } of sources) {
    const parsed = parsePolicies(source, file)
    problems.push(...parsed.problems)
    for (const document of parsed.policies) {
      const elsewhere = names.get(document.name)
      if (elsewhere !== undefined) {
        problems.push(
          problemAt(
            file,
            document,
            'error',
            `The name "${document.name}" is also used in ${elsewhere}.`,
            'Give each policy its own name.',
          ),
        )
        continue
      }
      names.set(document.name, file)
      const compiled = compileOne(engine, file, document, version, problems)
      if (compiled === undefined) continue
      if (document.expiresAt !== undefined && options.now !== undefined) {
        if (document.expiresAt <= options.now) {
          problems.push(
            problemAt(
              file,
              document,
              'warning',
              `The policy "${document.name}" expired on ${new Date(document.expiresAt).toISOString()} and is ignored.`,
              'Remove it, or set a later expiresAt.',
            ),
          )
          continue
        }
        nextExpiry = Math.min(nextExpiry ?? document.expiresAt, document.expiresAt)
      }
      policies.push(compiled)
    }
  }
  const id = stableHash(
    policies.flatMap(({ document, outcome }) => [document.name, outcome.version, document.source]),
  )
  return {
    bundle: new IndexedBundle(id, policies, engine),
    problems,
    policies,
    ...(nextExpiry === undefined ? {} : { nextExpiry }),
  }
}

export function problemAt(
  file: string,
  document: PolicyDocument,
  severity: PolicyProblem['severity'],
  message: string,
  mend?: string,
  at = document.position,
): PolicyProblem {
  return {
    severity,
    message,
    where: `${file}:${at.line}:${at.column}`,
    line: at.line,
    column: at.column,
    ...(mend === undefined ? {} : { mend }),
  }
}

function compileOne(
  engine: ExpressionEngine,
  file: string,
  document: PolicyDocument,
  version: number,
  problems: PolicyProblem[],
): CompiledPolicy | undefined {
  const before = problems.length
  const compiled = <Type extends ExpressionType>(
    written: WrittenExpression | undefined,
    type: Type,
  ): Expression<Type> | undefined => {
    if (written === undefined) return undefined
    const result = engine.compile(written.text, type)
    if ('expression' in result) return result.expression
    const { message, offset, mend } = result.fault
    problems.push(problemAt(file, document, 'error', message, mend, placeIn(written, offset)))
    return undefined
  }
  const when = compiled(document.when, 'bool')
  const key = compiled(document.key, 'string')
  const cost = compiled(document.cost, 'double')
  if (problems.length > before) return undefined
  const refuse = (message: string, mend: string, at = document.when?.position): undefined => {
    problems.push(problemAt(file, document, 'error', message, mend, at ?? document.position))
    return undefined
  }
  const readsFlow = [when, key, cost].some(one => one?.variables.has(flowRoot) === true)
  const { phase, action } = document
  if (phase === 'flow' && !readsFlow)
    return refuse(
      'A policy of the flow phase asks what the caller did before.',
      'Use flow.done("POST /cart").',
    )
  if (phase !== 'response' && phase !== undefined && phaseOf([when, key]) === 'response')
    return refuse('A policy of the request phase cannot read response or object.', 'Set phase: response.')
  if (action.type === 'mask' && phase !== undefined && phase !== 'response')
    return refuse('mask changes an answer.', 'Set phase: response, or leave it out.')
  if (
    (action.type === 'strip' || action.type === 'challenge') &&
    (phase === 'response' || phaseOf([when]) === 'response')
  )
    return refuse(
      `${action.type} is about a request.`,
      'Name only what is known of the request, and leave phase out.',
    )
  return compilePolicy(document, version, { when, key, cost })
}

/** Where in the file an offset into an expression is. */
export function placeIn(
  { text, position, inline, indent }: WrittenExpression,
  offset: number,
): SourcePosition {
  if (inline) return { line: position.line, column: position.column + offset }
  if (indent === undefined) return position
  const before = text.slice(0, offset).split('\n')
  return { line: position.line + before.length, column: indent + (before.at(-1)?.length ?? 0) }
}
