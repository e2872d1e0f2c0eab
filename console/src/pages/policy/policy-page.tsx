import { Link, useParams } from 'react-router'
import { usePolicy } from '../../api/policies.ts'
import { principalName } from '../../format/names.ts'
import { policySentence } from '../../format/policies.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { DeletePolicy } from './delete-policy.tsx'
import { DidSection } from './did-section.tsx'
import { Editor } from './editor.tsx'
import { HistorySection } from './history-section.tsx'
import { StageSection } from './stage-section.tsx'

export default function PolicyPage() {
  const { name = '' } = useParams()
  const policy = usePolicy(name)
  return (
    <Loaded
      query={policy}
      doing="Loading the policy"
      skeleton={<PageSkeleton />}
      failed={note => (
        <Page title={name} kind={<Link to="/policies">Policies</Link>} lead={`${name} cannot be shown.`}>
          {note}
        </Page>
      )}
    >
      {view => (
        <Page
          title={view.name}
          kind={<Link to="/policies">Policies</Link>}
          lead={policySentence(view)}
          sub={
            <>
              Version {view.version}, changed <Moment at={view.updatedAt} withAgo /> by{' '}
              {principalName(view.updatedBy)}.{' '}
              {view.owner === undefined ? 'It has no owner.' : `${view.owner} answers for it.`}
              {view.expiresAt !== undefined && (
                <>
                  {' '}
                  It ends at <Moment at={view.expiresAt} />.
                </>
              )}
            </>
          }
        >
          <StageSection policy={view} />
          <Editor
            key={view.name}
            policy={view}
            initial={view.source}
            draft={`policy ${view.name}`}
            onReload={() => policy.refetch()}
          />
          <DidSection policy={view.name} />
          <HistorySection policy={view} />
          <DeletePolicy policy={view} />
        </Page>
      )}
    </Loaded>
  )
}
