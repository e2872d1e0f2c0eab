import { useParams } from 'react-router'
import { usePolicy } from '../../api/policies.ts'
import { principalName } from '../../format/names.ts'
import { policyEffect } from '../../format/policies.ts'
import { modeIn } from '../../format/policy-source.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { DecisionsSection } from './decisions-section.tsx'
import { Editor } from './editor.tsx'

export default function PolicyPage() {
  const { name = '' } = useParams()
  const policy = usePolicy(name)
  return (
    <Loaded query={policy} doing="Loading the policy" skeleton={<PageSkeleton />}>
      {view => (
        <Page
          title={view.name}
          kind="Policy"
          lead={`${view.name} ${view.mode === 'enforce' ? 'is enforced' : 'only watches'}: in the last 24 hours it ${policyEffect(view)}.`}
          sub={
            <>
              Version {view.version}, changed <Moment at={view.updatedAt} withAgo /> by{' '}
              {principalName(view.updatedBy)}.{' '}
              {modeIn(view.source) === 'shadow' && 'Switch it to enforce once its effect is what you want.'}
            </>
          }
        >
          <Editor policy={view} initial={view.source} onReload={() => policy.refetch()} />
          <DecisionsSection policy={view.name} />
        </Page>
      )}
    </Loaded>
  )
}
