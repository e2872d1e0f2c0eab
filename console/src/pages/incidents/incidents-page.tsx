import { SegmentedControl } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { useIncidents } from '../../api/incidents.ts'
import { queueSentence, ranked } from '../../format/queue.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { Queue } from './queue.tsx'

const statuses = [
  { value: 'open', label: 'Open' },
  { value: 'contained', label: 'Contained' },
  { value: 'closed', label: 'Closed' },
  { value: 'all', label: 'All' },
]

export default function IncidentsPage() {
  const [search, setSearch] = useSearchParams()
  const status = search.get('status') ?? 'open'
  const all = useIncidents()
  const sentence = all.data === undefined ? 'Which first?' : queueSentence(all.data.items)
  return (
    <Page title="Incidents" kind="Which first?" lead={sentence}>
      <div className="spread no-print">
        <SegmentedControl
          aria-label="Status"
          data={statuses}
          value={status}
          onChange={value => setSearch(value === 'open' ? {} : { status: value }, { replace: true })}
        />
        <p className="dim">
          <kbd>j</kbd> <kbd>k</kbd> move, <kbd>o</kbd> opens
        </p>
      </div>
      <Loaded query={all} doing="Loading the incidents" skeleton={<Lines count={8} height={22} />}>
        {page => (
          <Queue
            status={status}
            incidents={ranked(page.items.filter(item => status === 'all' || item.status === status))}
          />
        )}
      </Loaded>
    </Page>
  )
}
