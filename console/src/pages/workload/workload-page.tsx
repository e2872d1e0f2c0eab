import { useParams } from 'react-router'
import { useWorkload } from '../../api/workloads.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { WorkloadBody } from './workload-body.tsx'

export default function WorkloadPage() {
  const { id = '' } = useParams()
  const workload = useWorkload(id)
  return (
    <Loaded query={workload} doing="Loading the workload" skeleton={<PageSkeleton />}>
      {view => <WorkloadBody workload={view} />}
    </Loaded>
  )
}
