import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Search } from 'lucide-react'
import { useNavigate, useSearchParams } from 'react-router'
import { usePrincipals } from '../../api/principals.ts'
import { principalPath } from '../../format/paths.ts'
import { principalsSentence } from '../../format/principals.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { PrincipalTable } from './principal-table.tsx'

export default function PrincipalsPage() {
  const [search, setSearch] = useSearchParams()
  const q = search.get('q') ?? ''
  const [settled] = useDebouncedValue(q, 200)
  const query = usePrincipals(settled)
  const navigate = useNavigate()
  const items = query.data?.items ?? []
  const active = useCursor(items.length, index => {
    const principal = items[index]
    if (principal !== undefined) navigate(principalPath(principal.id))
  })
  return (
    <Page
      title="Principals"
      kind="Who calls?"
      lead={query.data === undefined ? 'Everyone who calls.' : principalsSentence(items, settled)}
    >
      <TextInput
        data-search
        aria-label="Search the principals"
        placeholder="Search by name, kind or tenant"
        leftSection={<Search size={14} aria-hidden="true" />}
        value={q}
        maw={480}
        onChange={event =>
          setSearch(event.currentTarget.value === '' ? {} : { q: event.currentTarget.value }, {
            replace: true,
          })
        }
      />
      <Loaded query={query} doing="Loading the principals" skeleton={<Lines count={10} height={20} />}>
        {page =>
          page.items.length === 0 ? (
            <Empty title={settled === '' ? 'Nobody has called yet.' : 'Nobody is called that.'}>
              <p>
                A principal is whoever a credential names: a user, a service, a token. Where there is none,
                the device is taken. An address is never a principal: many share one.
              </p>
            </Empty>
          ) : (
            <PrincipalTable principals={page.items} active={active} />
          )
        }
      </Loaded>
    </Page>
  )
}
