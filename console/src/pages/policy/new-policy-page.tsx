import { Link, useSearchParams } from 'react-router'
import { incidentPath } from '../../format/paths.ts'
import { policyKindFor } from '../../format/policy-kinds.ts'
import { draftPolicy } from '../../format/policy-template.ts'
import { Page } from '../../parts/page.tsx'
import { Editor } from './editor.tsx'

export default function NewPolicyPage() {
  const [search] = useSearchParams()
  const detectors = (search.get('detectors') ?? '').split(',').filter(Boolean)
  const incident = search.get('incident') ?? undefined
  const draft = draftPolicy({
    detectors,
    endpoints: search.getAll('endpoint'),
    ...(incident === undefined ? {} : { incident }),
  })
  return (
    <Page
      title="New policy"
      kind={incident === undefined ? 'Policy' : <Link to={incidentPath(incident)}>Back to the incident</Link>}
      lead={`A new policy. ${policyKindFor(detectors).why}`}
      sub="It begins in shadow mode. Run it over the recorded calls first: that shows whom it would have touched."
    >
      <Editor initial={draft} />
    </Page>
  )
}
