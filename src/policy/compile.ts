import { stableHash } from '../kit/hash.ts'
import { IndexedBundle } from './bundle.ts'
import { CelEngine } from './cel-engine.ts'
import { type CompiledPolicy, compilePolicy, phaseOf } from './compiled-policy.ts'
import type { PolicyDocument, PolicyProblem } from './document.ts'
import type { Expression, ExpressionEngine } from './expression.ts'
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
  let expression: Expression | undefined
  if (document.when !== undefined) {
    const { text, position, inline } = document.when
    const result = engine.compile(text)
    if ('fault' in result) {
      const { message, offset, mend } = result.fault
      const at = inline ? { line: position.line, column: position.column + offset } : position
      problems.push(problemAt(file, document, 'error', message, mend, at))
      return undefined
    }
    expression = result.expression
  }
  if (document.phase === 'request' && phaseOf(expression) === 'response') {
    problems.push(
      problemAt(
        file,
        document,
        'error',
        'A policy of the request phase cannot read response or object.',
        'Set phase: response.',
        document.when!.position,
      ),
    )
    return undefined
  }
  return compilePolicy(document, version, expression)
}
