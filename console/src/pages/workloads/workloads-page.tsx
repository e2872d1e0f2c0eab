import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { useWorkloads } from '../../api/workloads.ts'
import { workloadPath } from '../../format/paths.ts'
import { workloadsSentence } from '../../format/workloads.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { WorkloadTable } from './workload-table.tsx'

export default function WorkloadsPage() {
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const q = search.get('q') ?? ''
  const [typed, setTyped] = useTyped(q, text => setSearch(text === '' ? {} : { q: text }, { replace: true }))
  const workloads = useWorkloads(q)
  const items = workloads.data?.items ?? []
  const active = useCursor(items.length, index => {
    const workload = items[index]
    if (workload !== undefined) navigate(workloadPath(workload.id))
  })
  return (
    <Page
      title="Workloads"
      kind="What runs, and what does it touch?"
      lead={
        workloads.data === undefined
          ? 'What runs behind the APIs.'
          : workloadsSentence(items, q, workloads.data.cursor !== undefined)
      }
    >
      <TextInput
        data-search
        maw={420}
        aria-label="Search the workloads"
        placeholder="Search name and namespace"
        leftSection={<Search size={14} aria-hidden="true" />}
        value={typed}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      <Loaded query={workloads} doing="Loading the workloads" skeleton={<Lines count={8} height={28} />}>
        {page =>
          page.items.length === 0 ? (
            <Empty title={q === '' ? 'No workload was seen yet.' : 'No workload fits that.'}>
              {q === '' ? (
                <p>
                  The gateway alone sees addresses. Traces, Kubernetes, a mesh or a runtime sensor tell which
                  workload answers: <Link to="/sensors">connect one</Link>.
                </p>
              ) : (
                <p>Search for a part of its name or of its namespace.</p>
              )}
            </Empty>
          ) : (
            <>
              <WorkloadTable workloads={page.items} active={active} />
              {page.cursor !== undefined && (
                <p className="dim">The first {page.items.length} are listed: search for others.</p>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
