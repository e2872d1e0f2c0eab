import { checkSchemas } from './check-schemas.ts'
import { compilePolicies, type PolicySource, problemAt } from './compile.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { covers, whyNever } from './covers.ts'
import type { PolicyProblem } from './document.ts'
import type { EndpointShape } from './endpoint-shape.ts'
import type { PolicyAction } from './facts.ts'
import { runPolicyTests } from './run-tests.ts'
import { strengthOf } from './strength.ts'

export interface LintOptions {
  /** Milliseconds since the epoch. */
  readonly now?: number
  /** What endpoints take and give: names that policies use are looked for in it, and what they do is held against its types. */
  readonly shapes?: readonly EndpointShape[]
  /** What the types of the shapes do not bear is an error; else it is doubtful, since callers send what they like. */
  readonly strict?: boolean
}

/** Actions that stop a call. */
const refusing = new Set<PolicyAction['type']>(['block', 'quarantine', 'challenge', 'throttle'])

/**
 * What is doubtful about policies that compile: no tests, tests that fail, conditions that are always true or never, matches that
 * hold for nothing, a policy that an earlier one makes pointless, one that answers later than it could, names that no endpoint has, nobody
 * who answers for it, expiry. Errors are not repeated here: `compilePolicies` reports them.
 */
export function lintPolicies(
  sources: readonly PolicySource[],
  options: LintOptions = {},
): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const seen: { readonly file: string; readonly policy: CompiledPolicy }[] = []
  for (const source of sources) {
    const { policies } = compilePolicies([source])
    const results = runPolicyTests(source.source, source.name)
    for (const policy of policies) {
      const { document, expression } = policy
      const warn = (message: string, mend?: string, at = document.position): void => {
        problems.push(problemAt(source.name, document, 'warning', message, mend, at))
      }
      if (document.tests.length === 0) {
        if (document.mode === 'enforce' && refusing.has(document.action.type)) {
          warn(
            `"${document.name}" is enforced without a test.`,
            'Add a test that it fires and one that it does not.',
          )
        } else warn(`"${document.name}" has no tests.`, 'Add tests: [{name, input, expect}].')
      }
      for (const result of results) {
        if (result.policy === document.name && !result.passed)
          warn(`The test "${result.test}" of "${document.name}" fails: ${result.message ?? ''}.`)
      }
      if (expression?.constant === false)
        warn(
          `The condition of "${document.name}" is never true.`,
          'Remove the policy, or mend the condition.',
          document.when!.position,
        )
      if (expression?.constant === true)
        warn(
          `The condition of "${document.name}" is always true.`,
          'Remove "when" if that is meant.',
          document.when!.position,
        )
      if (
        refusing.has(document.action.type) &&
        document.when === undefined &&
        Object.keys(document.match).length === 0
      ) {
        warn(`"${document.name}" matches every request.`, 'Give it a match or a condition.')
      }
      if (
        document.expiresAt !== undefined &&
        options.now !== undefined &&
        document.expiresAt <= options.now
      ) {
        warn(`"${document.name}" has expired.`, 'Remove it, or set a later expiresAt.')
      }
      const never = whyNever(document.match)
      if (never !== undefined)
        warn(`"${document.name}" can never match: ${never}.`, 'Correct its match, or remove it.')
      if (document.phase === 'response' && answersLate(policy))
        warn(
          `"${document.name}" waits for the answer and reads nothing of it.`,
          'Leave phase out: the request is refused before it reaches the service.',
        )
      if (document.mode !== 'shadow' && document.owner === undefined && document.action.type === 'quarantine')
        warn(`"${document.name}" shuts callers out and nobody answers for it.`, 'Give it an owner.')
      for (const doubt of options.shapes === undefined || options.shapes.length === 0
        ? []
        : checkSchemas(policy, options.shapes))
        problems.push(
          problemAt(
            source.name,
            document,
            doubt.kind === 'type' && options.strict === true ? 'error' : 'warning',
            `"${document.name}": ${doubt.message}`,
            doubt.mend,
            doubt.at,
          ),
        )
      for (const earlier of seen) {
        if (shadows(earlier.policy, policy)) {
          warn(
            `"${document.name}" never decides: "${earlier.policy.document.name}" has the same or a wider match and condition and goes first.`,
            'Remove one of the two.',
          )
          break
        }
      }
      seen.push({ file: source.name, policy })
    }
  }
  return problems
}

/** Whether a policy of the response phase could have decided on the request. */
const answersLate = ({ document: { action }, needs, variables }: CompiledPolicy): boolean =>
  refusing.has(action.type) &&
  !needs.responseBody &&
  ![...variables].some(name => name.startsWith('response') || name.startsWith('object'))

/** The one that goes first decides on whatever the other would act on: same or wider place, same or no condition. */
function shadows(first: CompiledPolicy, other: CompiledPolicy): boolean {
  const { document: a } = first
  const { document: b } = other
  if (a.mode !== 'enforce' || first.phase !== other.phase) return false
  const terminal =
    a.action.type === 'block' ||
    a.action.type === 'quarantine' ||
    (a.action.type === 'allow' && (a.action.policies?.includes(b.name) ?? true))
  if (!terminal || strengthOf(b.action.type) > strengthOf(a.action.type)) return false
  if (!covers(a.match, b.match)) return false
  return (
    a.when === undefined || first.expression?.constant === true || a.when.text.trim() === b.when?.text.trim()
  )
}
