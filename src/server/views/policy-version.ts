import type { PolicyVersion } from '../../store/ports/state-store.ts'
import type { PolicyVersionView } from '../api/policy-version.ts'
import type { Backend } from '../backend.ts'
import { policyDescriptionOf } from './policy-description.ts'
import { stamp } from './stamp.ts'

/** A version; its stage is the one that its document names. */
export function versionViewOf(
  { version, source, updatedAt, updatedBy, change }: PolicyVersion,
  backend: Pick<Backend, 'describePolicy'>,
): PolicyVersionView {
  const { mode, percent } = policyDescriptionOf(source, backend)
  return {
    version,
    source,
    at: stamp(updatedAt),
    by: updatedBy,
    change,
    stage: {
      mode: mode === 'enforce' || mode === 'canary' ? mode : 'shadow',
      ...(percent === undefined ? {} : { percent }),
    },
  }
}
