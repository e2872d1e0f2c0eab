import { SegmentedControl } from '@mantine/core'
import { Link } from 'react-router'
import { useQuarantine } from '../../api/control.ts'
import { quarantineSentence } from '../../format/quarantine.ts'
import { useAddress } from '../../hooks/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { QuarantineTable } from './quarantine-table.tsx'

export default function QuarantinePage() {
  const [search, change] = useAddress()
  const all = search.get('show') === 'all'
  const live = useQuarantine(false)
  const query = useQuarantine(all)
  return (
    <Page
      title="Quarantine"
      kind="Who is being stopped?"
      lead={live.data === undefined ? 'Who is being stopped.' : quarantineSentence(live.data.items)}
      sub="Each entry ends by itself, and can be lifted at once. Addresses are never shut out: many people share them."
    >
      <div>
        <SegmentedControl
          size="xs"
          aria-label="Which entries"
          data={[
            { value: 'live', label: 'In force' },
            { value: 'all', label: 'All there were' },
          ]}
          value={all ? 'all' : 'live'}
          onChange={value => change({ show: value === 'all' ? 'all' : '' })}
        />
      </div>
      <Loaded query={query} doing="Loading the quarantine">
        {page =>
          page.items.length === 0 ? (
            <Empty title={all ? 'Nobody has ever been stopped.' : 'Nobody is being stopped right now.'}>
              <p>
                Someone is stopped from <Link to="/incidents">an incident</Link> or{' '}
                <Link to="/principals">a principal’s page</Link>, or by <Link to="/policies">a policy</Link>{' '}
                whose action is <code>quarantine</code>. Their calls are refused; nobody else notices.
              </p>
            </Empty>
          ) : (
            <QuarantineTable entries={page.items} />
          )
        }
      </Loaded>
    </Page>
  )
}
