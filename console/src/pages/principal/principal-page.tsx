import { useParams } from 'react-router'
import { usePrincipal } from '../../api/principals.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { PrincipalBody } from './principal-body.tsx'

export default function PrincipalPage() {
  const { id = '' } = useParams()
  const principal = usePrincipal(id)
  return (
    <Loaded query={principal} doing="Loading the principal" skeleton={<PageSkeleton />}>
      {view => <PrincipalBody principal={view} />}
    </Loaded>
  )
}
