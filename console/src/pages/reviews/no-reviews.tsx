import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { Empty } from '../../parts/empty.tsx'

/** With `onClear`: no place fits the filter. Without: there is none. */
export function NoReviews({ onClear }: { readonly onClear?: () => void }) {
  if (onClear !== undefined)
    return (
      <Empty title="No place fits all of this.">
        <Button size="xs" variant="default" onClick={onClear}>
          Clear search and filters
        </Button>
      </Empty>
    )
  return (
    <Empty title="No words of any path are in doubt.">
      <p>
        Numbers, UUIDs and dates in paths are values by their form. Where plain words might be values too,
        such as user names under /users, the place is listed here with what speaks for it and against it. To
        say so beforehand, write <code>pins</code> into the catalog file, or see the{' '}
        <Link to="/apis">endpoints as they were read</Link>.
      </p>
    </Empty>
  )
}
