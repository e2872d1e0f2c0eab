import { Link } from 'react-router'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { certaintySentence } from '../../format/certainty.ts'
import { incidentSentence } from '../../format/incident-title.ts'
import { exactTime } from '../../format/time.ts'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { SeverityMark } from '../../parts/severity-mark.tsx'
import { Actions } from './actions.tsx'
import { AlikeSection } from './alike-section.tsx'
import { Decision } from './decision.tsx'
import { Feedback } from './feedback.tsx'
import { HistorySection } from './history-section.tsx'
import { PathSection } from './path-section.tsx'
import { PictureSection } from './picture-section.tsx'
import { StorySection } from './story-section.tsx'
import { TakenSection } from './taken-section.tsx'
import { UnsureSection } from './unsure-section.tsx'

/** From top to bottom: the sentence, what to do, the story, the proof, the path, the loss, the doubts, the history. */
export function IncidentBody({ incident }: { readonly incident: IncidentDetailView }) {
  return (
    <Page
      title={incidentSentence(incident.title, incident.principals)}
      kind={
        <>
          <Link to="/incidents" className="no-print">
            Incidents
          </Link>
          <SeverityMark severity={incident.severity} />
          <span>risk {incident.risk} of 100</span>
          <span
            className="chip"
            data-tone={
              incident.status === 'contained' ? 'good' : incident.status === 'open' ? 'bad' : undefined
            }
          >
            {incident.status}
          </span>
          <span>
            opened <Moment at={incident.opened} />, last movement <Moment at={incident.updated} withAgo />
          </span>
        </>
      }
      lead={incidentSentence(incident.title, incident.principals)}
      sub={certaintySentence(incident.signalDetails)}
    >
      <p className="print-only">
        Sallyport incident report · {incident.id} · printed{' '}
        {exactTime(new Date().toISOString()).split('\n')[0]}
      </p>
      <Actions incident={incident} />
      <StorySection incident={incident} />
      <PictureSection incident={incident} />
      <PathSection incident={incident} />
      <TakenSection incident={incident} />
      <AlikeSection incident={incident} />
      <UnsureSection incident={incident} />
      <HistorySection incident={incident} />
      <Feedback incident={incident} />
      <Decision incident={incident} />
    </Page>
  )
}
