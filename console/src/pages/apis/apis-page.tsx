import { NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { useEndpoints } from '../../api/endpoints.ts'
import { catalogSentence } from '../../format/catalog.ts'
import {
  type EndpointFilter,
  EndpointIndex,
  endpointFilterAddress,
  endpointFilterFrom,
  type Sort,
} from '../../format/endpoint-filter.ts'
import { hasSpecifications } from '../../format/inventory.ts'
import { count, plural } from '../../format/number.ts'
import { addressNow } from '../../hooks/address.ts'
import { useKeptOrder } from '../../hooks/kept-order.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { WaitingRows } from '../../parts/waiting-rows.tsx'
import { CatalogLinks } from './catalog-links.tsx'
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
  const index = useMemo(() => new EndpointIndex(all), [all])
  const sentence = useMemo(() => catalogSentence(all), [all])
  const specified = useMemo(() => hasSpecifications(all), [all])
  const filter = endpointFilterFrom(search)
  // What is chosen while the page is still being drawn adds to what the address says already.
  const change = (part: Partial<EndpointFilter>): void =>
    setSearch(endpointFilterAddress({ ...endpointFilterFrom(addressNow()), ...part }), { replace: true })
  const [q, setQ] = useTyped(filter.q, text => change({ q: text }))
  // Typing comes first; the list follows as fast as it can.
  const key = useDeferredValue(endpointFilterAddress({ ...filter, q }).toString())
  const result = useMemo(() => index.find(endpointFilterFrom(new URLSearchParams(key))), [index, key])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const loaded = hasNextPage ? `${all.length} so far` : 'all'
  const { shown, fresh, settle } = useKeptOrder(result.items, `${key} ${loaded}`)
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  return (
    <Page
      title="APIs"
      kind="What do we have?"
      lead={
        query.data === undefined
          ? 'Every endpoint that was seen.'
          : hasNextPage
            ? `${plural(all.length, 'endpoint')} so far, and more are coming.`
            : sentence
      }
      sub={<CatalogLinks />}
    >
      <Loaded query={query} doing="Loading the APIs" skeleton={<Lines count={14} height={20} />}>
        {() =>
          all.length === 0 ? (
            <NoEndpoints />
          ) : (
            <div className="apis">
              <Facets counts={result.counts} chosen={filter.chosen} onChange={chosen => change({ chosen })} />
              <div className="apis-list">
                <div className="apis-tools">
                  <TextInput
                    data-search
                    aria-label="Search the APIs"
                    placeholder="Search method, host, path and owner"
                    leftSection={<Search size={14} aria-hidden="true" />}
                    value={q}
                    onChange={event => setQ(event.currentTarget.value)}
                  />
                  <NativeSelect
                    aria-label="Order"
                    data={orders}
                    value={filter.sort}
                    onChange={event => change({ sort: event.currentTarget.value as Sort })}
                  />
                </div>
                <p className="dim" role="status">
                  {plural(result.items.length, 'endpoint')}
                  {result.items.length < all.length && ` of ${count(all.length)}`}
                  {result.uncalled > 0 && `, ${count(result.uncalled)} of them never called`}
                  {hasNextPage && ', loading the rest…'}
                </p>
                {result.items.length === 0 ? (
                  <NoEndpoints onClear={() => change({ q: '', chosen: {} })} />
                ) : (
                  <>
                    <WaitingRows count={fresh} what="endpoint" onShow={settle} />
                    <EndpointRows endpoints={shown} specified={specified} />
                  </>
                )}
              </div>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}
