import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { Empty } from '../../parts/empty.tsx'

interface NoChangesProps {
  /** `since yesterday`. */
  readonly since: string
  /** With it: there are changes, of other kinds. */
  readonly onClear?: () => void
}

export function NoChanges({ since, onClear }: NoChangesProps) {
  if (onClear !== undefined) {
    return (
      <Empty title={`No change fits all of this ${since}.`}>
        <Button size="xs" variant="default" onClick={onClear}>
          Clear search and filters
        </Button>
      </Empty>
    )
  }
  return (
    <Empty title={`Nothing has changed ${since}.`}>
      <p>
        A new endpoint appears here once; what it does in its first hour and its first 50 calls is part of
        that. After it, each new field, type, status, kind of data or credential is a change of its own, and
        an endpoint that is not called for seven days while its host is, is gone.
      </p>
      <p>
        To compare two deployments, record both and run{' '}
        <code>sallyport apis diff --before old.jsonl --after new.jsonl</code>. No traffic yet?{' '}
        <Link to="/sensors">Connect it in five lines</Link>.
      </p>
    </Empty>
  )
}
