import { useOverview } from '../../api/overview.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { OverviewBody } from './overview-body.tsx'

export default function OverviewPage() {
  const overview = useOverview()
  return (
    <Loaded
      query={overview}
      doing="Loading the overview"
      skeleton={<PageSkeleton />}
      failed={note => (
        <Page title="Overview" kind="What needs me?" lead="It cannot be told right now.">
          {note}
        </Page>
      )}
    >
      {view => <OverviewBody view={view} />}
    </Loaded>
  )
}
