import { SallyportError } from '../../kit/error.ts'
import type { Backend, PolicyDescription } from '../backend.ts'

/** A stored document that this version cannot read is shown as such, not hidden. */
export function policyDescriptionOf(
  source: string,
  backend: Pick<Backend, 'describePolicy'>,
): PolicyDescription {
  try {
    return backend.describePolicy(source)
  } catch (thrown) {
    if (thrown instanceof SallyportError && thrown.code === 'policy/invalid') {
      return { mode: 'invalid', phase: 'unknown', action: 'none' }
    }
    throw thrown
  }
}
