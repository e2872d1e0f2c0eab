import { compilePolicies, type PolicySource, problemAt } from './compile.ts'
import type { PolicyDocument, PolicyProblem } from './document.ts'

/** Actions that leave a call as it is: nothing that could break. */
const harmless: ReadonlySet<string> = new Set(['tag', 'observe', 'allow'])

/** Whether it stops or changes calls. */
export const isActing = ({ mode, action }: PolicyDocument): boolean =>
  mode !== 'shadow' && !harmless.has(action.type)

/**
 * Warnings about policies that act and whose effect nobody has seen.
 *
 * @param isWatched whether those rules were in shadow, or simulated, before
 */
export async function unwatchedPolicies(
  source: PolicySource,
  isWatched: (document: PolicyDocument) => Promise<boolean>,
): Promise<readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = []
  for (const { document } of compilePolicies([source]).policies)
    if (isActing(document) && !(await isWatched(document)))
      problems.push(
        problemAt(
          source.name,
          document,
          'warning',
          `"${document.name}" acts and was never watched before.`,
          'Run it in shadow first, or simulate it.',
        ),
      )
  return problems
}
