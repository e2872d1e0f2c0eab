import { useSearchParams } from 'react-router'
import { usePolicyLanguage } from '../../api/policies.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { Editor } from './editor.tsx'
import { RecommendedPolicies } from './recommended-policies.tsx'

export default function NewPolicyPage() {
  const [search] = useSearchParams()
  const incident = search.get('incident') ?? undefined
  return incident === undefined ? (
    <FromTemplate id={search.get('template')} />
  ) : (
    <RecommendedPolicies incident={incident} />
  )
}

/** From a ready-made policy, or from an empty page. */
function FromTemplate({ id }: { readonly id: string | null }) {
  const language = usePolicyLanguage()
  return (
    <Loaded query={language} doing="Loading the ready-made policies" skeleton={<PageSkeleton />}>
      {({ templates }) => {
        const template = templates.find(one => one.id === id)
        return (
          <Page
            title="New policy"
            kind="Policy"
            lead={template === undefined ? 'A new policy.' : `A new policy. ${template.summary}`}
            sub="It begins in shadow, where it only writes down what it would do. Simulate it first: that shows whom it would have touched."
          >
            <Editor key={template?.id ?? ''} initial={template?.source ?? ''} />
          </Page>
        )
      }}
    </Loaded>
  )
}
