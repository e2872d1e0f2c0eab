import type { WorkloadDetailView } from '../../../../src/server/api/workload.ts'
import { useGraphPaths } from '../../api/graph.ts'
import { exposureWhy } from '../../format/workloads.ts'
import { WayWords } from '../../parts/way-words.tsx'

const always = { declared: true }

/** Whether the internet comes to it, and by which ways. */
export function Exposure({ workload }: { readonly workload: WorkloadDetailView }) {
  const ways = useGraphPaths('internet', `workload:${workload.id}`, always, 3).data?.paths ?? []
  return (
    <>
      <p>{exposureWhy(workload, ways)}</p>
      {ways.map(way => (
        <WayWords key={way.nodes.map(({ id }) => id).join()} way={way} />
      ))}
    </>
  )
}
