import { useOverview } from '../../api/overview.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { OverviewBody } from './overview-body.tsx'

export default function OverviewPage() {
  const overview = useOverview()
  return (
    <Loaded query={overview} doing="Loading the overview" skeleton={<PageSkeleton />}>
      {view => <OverviewBody view={view} />}
    </Loaded>
  )
}
