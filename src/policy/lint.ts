import { compilePolicies, type PolicySource, problemAt } from './compile.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { PolicyProblem } from './document.ts'
import { runPolicyTests } from './run-tests.ts'

/**
 * What is doubtful about policies that compile: no tests, tests that fail, conditions that are always true or never,
 * a policy that an equal one makes pointless, expiry. Errors are not repeated here: `compilePolicies` reports them.
 */
export function lintPolicies(
  sources: readonly PolicySource[],
  options: { readonly now?: number } = {},
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
        if (document.mode === 'enforce' && document.action.type !== 'tag') {
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
        document.action.type !== 'tag' &&
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
      for (const earlier of seen) {
        if (shadows(earlier.policy, policy)) {
          warn(
            `"${document.name}" never decides: "${earlier.policy.document.name}" has the same match and condition and blocks.`,
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

/** Same place, and the earlier one refuses whatever the later one would act on. */
function shadows(earlier: CompiledPolicy, later: CompiledPolicy): boolean {
  const { document: a } = earlier
  const { document: b } = later
  const terminal = a.action.type === 'block' || a.action.type === 'quarantine'
  if (!terminal || a.mode !== 'enforce' || earlier.phase !== later.phase) return false
  if (b.action.type === 'quarantine' && a.action.type === 'block') return false
  if (JSON.stringify(a.match) !== JSON.stringify(b.match)) return false
  return (
    a.when === undefined ||
    earlier.expression?.constant === true ||
    a.when.text.trim() === b.when?.text.trim()
  )
}
