import { NativeSelect } from '@mantine/core'
import { Link, useSearchParams } from 'react-router'
import { usePolicyLanguage } from '../../api/policies.ts'
import { useAddress } from '../../hooks/address.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { Editor } from './editor.tsx'
import { RecommendedPolicies } from './recommended-policies.tsx'

export default function NewPolicyPage() {
  const [search] = useSearchParams()
  const [incident, finding] = [search.get('incident'), search.get('finding')]
  if (incident !== null) return <RecommendedPolicies subject={{ incident }} />
  if (finding !== null) return <RecommendedPolicies subject={{ finding }} />
  return <FromTemplate id={search.get('template')} />
}

/** From a ready-made policy, or from an empty page. */
function FromTemplate({ id }: { readonly id: string | null }) {
  const language = usePolicyLanguage()
  const [, change] = useAddress()
  return (
    <Loaded
      query={language}
      doing="Loading the ready-made policies"
      skeleton={<PageSkeleton />}
      failed={note => (
        <Page title="New policy" kind={<Link to="/policies">Policies</Link>} lead="A new policy.">
          {note}
        </Page>
      )}
    >
      {({ templates }) => {
        const template = templates.find(one => one.id === id)
        return (
          <Page
            title="New policy"
            kind={<Link to="/policies">Policies</Link>}
            lead={template === undefined ? 'A new policy.' : `A new policy. ${template.summary}`}
            sub="It begins in shadow, where it only writes down what it would do. Simulate it first: that shows whom it would have touched."
          >
            <NativeSelect
              label="Begin with"
              maw={420}
              data={[
                { value: '', label: 'an empty page' },
                ...templates.map(({ id, title }) => ({ value: id, label: title })),
              ]}
              value={template?.id ?? ''}
              onChange={event => change({ template: event.currentTarget.value })}
            />
            <Editor
              key={template?.id ?? ''}
              initial={template?.source ?? ''}
              draft={`new ${template?.id ?? ''}`}
            />
          </Page>
        )
      }}
    </Loaded>
  )
}
