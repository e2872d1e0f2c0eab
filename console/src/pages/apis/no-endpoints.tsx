import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { Empty } from '../../parts/empty.tsx'

/** With `onClear`: nothing fits the filter. Without: nothing was ever seen. */
export function NoEndpoints({ onClear }: { readonly onClear?: () => void }) {
  if (onClear !== undefined) {
    return (
      <Empty title="No endpoint fits all of this.">
        <Button size="xs" variant="default" onClick={onClear}>
          Clear search and facets
        </Button>
      </Empty>
    )
  }
  return (
    <Empty title="No endpoint has been seen yet.">
      <p>
        Endpoints are learned from calls: their paths, who calls them, which data they carry. Nothing has to
        be declared. <Link to="/sensors">Connect traffic in five lines</Link>, or read a recording with{' '}
        <code>sallyport import</code>.
      </p>
    </Empty>
  )
}
