import { Button } from '@mantine/core'
import { Link } from 'react-router'
import type { FindingState } from '../../format/findings.ts'
import { Empty } from '../../parts/empty.tsx'

interface NoFindingsProps {
  readonly status: FindingState
  /** With it: there are findings, that the filter leaves out. */
  readonly onClear?: () => void
}

const none: Readonly<Record<FindingState, string>> = {
  open: 'There is nothing to mend.',
  dismissed: 'No finding was dismissed.',
  gone: 'No finding has gone away yet.',
}

export function NoFindings({ status, onClear }: NoFindingsProps) {
  if (onClear !== undefined)
    return (
      <Empty title="No finding fits all of this.">
        <Button size="xs" variant="default" onClick={onClear}>
          Clear search and filters
        </Button>
      </Empty>
    )
  return (
    <Empty title={none[status]}>
      {status === 'open' ? (
        <p>
          Findings come from comparing the traffic with <Link to="/apis/specifications">specifications</Link>{' '}
          and from what the calls themselves show, such as secrets in addresses. With a specification, every
          undocumented field, status and endpoint is told here.
        </p>
      ) : status === 'dismissed' ? (
        <p>
          What may stay as it is can be dismissed with a reason, for a while or for good; it is kept here.
        </p>
      ) : (
        <p>What was mended, and is no longer seen in the traffic, is kept here for 90 days.</p>
      )}
    </Empty>
  )
}
