import { useParams } from 'react-router'
import { useEndpoint } from '../../api/endpoints.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { ApiBody } from './api-body.tsx'
import './api.css'

export default function ApiPage() {
  const { id = '' } = useParams()
  const endpoint = useEndpoint(id)
  return (
    <Loaded query={endpoint} doing="Loading the API" skeleton={<PageSkeleton />}>
      {view => <ApiBody endpoint={view} />}
    </Loaded>
  )
}
