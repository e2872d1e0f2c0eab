import type { StoredFinding } from '../../store/ports/catalog-state.ts'
import type { FindingView } from '../api/finding.ts'
import { optional, optionalStamp } from './optional.ts'
import { stamp } from './stamp.ts'

/** The finding, and what became of it. */
export const findingViewOf = ({
  finding,
  status,
  firstSeen,
  lastSeen,
  dismissed,
}: StoredFinding): FindingView => ({
  ...finding,
  status,
  firstSeen: stamp(firstSeen),
  lastSeen: stamp(lastSeen),
  ...optional(
    'dismissed',
    dismissed === undefined
      ? undefined
      : {
          by: dismissed.by,
          at: stamp(dismissed.at),
          reason: dismissed.reason,
          ...optionalStamp('until', dismissed.until),
        },
  ),
})
