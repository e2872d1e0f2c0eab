import { NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useEndpoints } from '../../api/endpoints.ts'
import { catalogSentence } from '../../format/catalog.ts'
import {
  type EndpointFilter,
  endpointFilterAddress,
  endpointFilterFrom,
  filterEndpoints,
  type Sort,
} from '../../format/endpoint-filter.ts'
import { plural } from '../../format/number.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { EndpointRows } from './endpoint-rows.tsx'
import { Facets } from './facets.tsx'
import { NoEndpoints } from './no-endpoints.tsx'
import './apis.css'

const orders: { value: Sort; label: string }[] = [
  { value: 'risk', label: 'Most risk first' },
  { value: 'calls', label: 'Most calls first' },
  { value: 'new', label: 'Newest first' },
  { value: 'recent', label: 'Last called first' },
  { value: 'name', label: 'By path' },
]

export default function ApisPage() {
  const [search, setSearch] = useSearchParams()
  const query = useEndpoints()
  const all = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const filter = endpointFilterFrom(search)
  const key = useDeferredValue(endpointFilterAddress(filter).toString())
  const result = useMemo(() => filterEndpoints(all, endpointFilterFrom(new URLSearchParams(key))), [all, key])
  const change = (next: EndpointFilter): void => setSearch(endpointFilterAddress(next), { replace: true })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  return (
    <Page
      title="APIs"
      kind="What do we have?"
      lead={query.data === undefined ? 'Every endpoint that was seen.' : catalogSentence(all)}
      sub={<Link to="/apis/changes">What is new, changed or gone</Link>}
    >
      <Loaded query={query} doing="Loading the APIs" skeleton={<Lines count={14} height={20} />}>
        {() =>
          all.length === 0 ? (
            <NoEndpoints />
          ) : (
            <div className="apis">
              <Facets result={result} filter={filter} onChange={change} />
              <div className="apis-list">
                <div className="apis-tools">
                  <TextInput
                    data-search
                    aria-label="Search the APIs"
                    placeholder="Search method, host and path"
                    leftSection={<Search size={14} aria-hidden="true" />}
                    value={filter.q}
                    onChange={event => change({ ...filter, q: event.currentTarget.value })}
                  />
                  <NativeSelect
                    aria-label="Order"
                    data={orders}
                    value={filter.sort}
                    onChange={event => change({ ...filter, sort: event.currentTarget.value as Sort })}
                  />
                </div>
                <p className="dim" role="status">
                  {plural(result.items.length, 'endpoint')}
                  {result.items.length < all.length && ` of ${all.length}`}
                  {hasNextPage && ', loading the rest…'}
                </p>
                {result.items.length === 0 ? (
                  <NoEndpoints onClear={() => change({ q: '', sort: filter.sort, chosen: {} })} />
                ) : (
                  <EndpointRows endpoints={result.items} />
                )}
              </div>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}
