import { SegmentedControl } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { useQuarantine } from '../../api/control.ts'
import { plural } from '../../format/number.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { QuarantineList } from '../../parts/quarantine-list.tsx'

export default function QuarantinePage() {
  const [search, setSearch] = useSearchParams()
  const all = search.get('show') === 'all'
  const live = useQuarantine(false)
  const query = useQuarantine(all)
  const stopped = live.data?.items.length
  const lead =
    stopped === undefined
      ? 'Who is being stopped.'
      : stopped === 0
        ? 'Nobody is being stopped.'
        : `${plural(stopped, 'principal or token', 'principals and tokens')} ${stopped === 1 ? 'is' : 'are'} being stopped.`
  return (
    <Page
      title="Quarantine"
      kind="Who is being stopped?"
      lead={lead}
      sub="Each entry ends by itself, and can be undone at once."
    >
      <div>
        <SegmentedControl
          aria-label="Which entries"
          data={[
            { value: 'live', label: 'In force' },
            { value: 'all', label: 'All there were' },
          ]}
          value={all ? 'all' : 'live'}
          onChange={value => setSearch(value === 'all' ? { show: 'all' } : {}, { replace: true })}
        />
      </div>
      <Loaded query={query} doing="Loading the quarantine">
        {page =>
          page.items.length === 0 ? (
            <Empty title={all ? 'Nobody has ever been stopped.' : 'Nobody is being stopped right now.'}>
              <p>
                Someone is stopped from an incident or a principal’s page, or by a policy whose action is{' '}
                <code>quarantine</code>. Their calls are refused; nobody else notices.
              </p>
            </Empty>
          ) : (
            <QuarantineList entries={page.items} />
          )
        }
      </Loaded>
    </Page>
  )
}
