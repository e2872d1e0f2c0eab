import { Link } from 'react-router'
import type { WorkloadDetailView } from '../../../../src/server/api/workload.ts'
import { graphPath } from '../../format/paths.ts'
import { workloadKind, workloadSentence } from '../../format/workloads.ts'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { ReachSection } from '../../parts/reach-section.tsx'
import { EdgeSection } from './edge-section.tsx'
import { Exposure } from './exposure.tsx'
import { FactsSection } from './facts-section.tsx'
import { GrantsSection } from './grants-section.tsx'
import { RuntimeSection } from './runtime-section.tsx'

/** What it is, who reaches it, what it does, what it may do, and how far somebody comes who takes it over. */
export function WorkloadBody({ workload }: { readonly workload: WorkloadDetailView }) {
  return (
    <Page
      title={workload.id}
      kind={
        <>
          <Link to="/workloads">Workloads</Link>
          <span className="mono">{workload.id}</span>
          <span>{workloadKind(workload)}</span>
          {workload.exposure !== undefined && (
            <span className="chip" data-tone={workload.exposure === 'internet' ? 'warn' : undefined}>
              reachable from the {workload.exposure}
            </span>
          )}
        </>
      }
      lead={workloadSentence(workload)}
      sub={
        <>
          First seen <Moment at={workload.firstSeen} />, last <Moment at={workload.lastSeen} withAgo />.{' '}
          <Link to={graphPath({ focus: `workload:${workload.id}` })}>In the graph</Link>
        </>
      }
    >
      <ReachSection node={`workload:${workload.id}`} who="Whoever takes it over" />
      <div className="columns">
        <FactsSection workload={workload} />
        <GrantsSection workload={workload} />
      </div>
      <RuntimeSection workload={workload.id} />
      <EdgeSection
        title="Who reaches it"
        note={
          <Link to={graphPath({ from: 'internet', to: `workload:${workload.id}` })}>from the internet</Link>
        }
        lead={<Exposure workload={workload} />}
        edges={workload.callers}
        end="from"
        column="Caller"
        since={workload.firstSeen}
        none="Nobody was seen to call it."
      />
      <EdgeSection
        title="What it answers"
        edges={workload.serves}
        end="from"
        column="Endpoint"
        since={workload.firstSeen}
        none="No endpoint was seen to be answered by it."
      />
      <EdgeSection
        title="What it calls"
        edges={workload.calls}
        end="to"
        column="Called"
        since={workload.firstSeen}
        none="It was seen to call nobody."
      />
      <EdgeSection
        title="What it reads and writes"
        edges={workload.stores}
        end="to"
        column="Store"
        since={workload.firstSeen}
        none="No store was seen to be used. Traces with database spans tell of them."
      />
    </Page>
  )
}
