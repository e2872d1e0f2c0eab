import { useEffect, useMemo } from 'react'
import { Link } from 'react-router'
import { useEndpoints } from '../../api/endpoints.ts'
import { useSpecs } from '../../api/specs.ts'
import { specsSentence } from '../../format/specs.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { SpecTable } from './spec-table.tsx'
import { SpecUpload } from './spec-upload.tsx'
import './specs.css'

export default function SpecsPage() {
  const specs = useSpecs()
  const query = useEndpoints()
  const endpoints = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return (
    <Page
      title="Specifications"
      kind={<Link to="/apis">APIs</Link>}
      lead={
        specs.data === undefined
          ? 'What the traffic is compared with.'
          : specsSentence(specs.data.items, endpoints)
      }
      sub="What they promise is compared with every call: what is undocumented, never called, or not as promised."
    >
      <Loaded query={specs} doing="Loading the specifications">
        {page =>
          page.items.length === 0 ? (
            <Empty title="No specification was given yet.">
              <p>
                Endpoints are learned without one. Give one here, or with <code>sallyport spec import</code>,
                to see which endpoints nobody wrote down, which are promised and never called, and which
                fields differ.
              </p>
            </Empty>
          ) : (
            <SpecTable specs={page.items} endpoints={endpoints} />
          )
        }
      </Loaded>
      <SpecUpload />
    </Page>
  )
}
