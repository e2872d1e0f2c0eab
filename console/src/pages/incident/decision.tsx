import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useClose, useReopen } from '../../api/incidents.ts'
import { reasonWords, scopeWords } from '../../format/dismissal.ts'
import { fullStop, principalName } from '../../format/names.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'

const usual = [
  'Dealt with: the account is stopped and its owner informed',
  'Mended: the endpoint checks it now',
  'Not enough to act on',
]

/** The end of it: closing asks why, and can be taken back. */
export function Decision({ incident }: { readonly incident: IncidentDetailView }) {
  const mayAct = useMayAct()
  if (incident.status !== 'closed' && !mayAct) return null
  return incident.status === 'closed' ? <Closed incident={incident} /> : <CloseForm id={incident.id} />
}

function Closed({ incident }: { readonly incident: IncidentDetailView }) {
  const reopen = useReopen(incident.id)
  const mayAct = useMayAct()
  const { resolution } = incident
  return (
    <Section title="Closed">
      {resolution !== undefined && (
        <p>
          {principalName(resolution.by)} closed it at <Moment at={resolution.at} />:{' '}
          {incident.dismissal === undefined ? resolution.reason : reasonWords[incident.dismissal.reason]}
        </p>
      )}
      {incident.dismissal !== undefined && (
        <p>
          {incident.dismissal.note !== undefined && <>{fullStop(incident.dismissal.note)} </>}
          Dismissed until <Moment at={incident.dismissal.until} />:{' '}
          {scopeWords(incident.dismissal.scope, [incident])}.{' '}
          <Link to="/tuning#dismissals" className="no-print">
            All dismissals
          </Link>
        </p>
      )}
      {reopen.error !== null && <ProblemNote doing="Reopening" error={reopen.error} />}
      <div className="no-print">
        <Button
          variant="default"
          disabled={!mayAct}
          loading={reopen.isPending}
          onClick={() => reopen.mutate()}
        >
          Reopen
        </Button>
      </div>
    </Section>
  )
}

function CloseForm({ id }: { readonly id: string }) {
  const [reason, setReason] = useState('')
  const close = useClose(id)
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    close.mutate(reason.trim())
  }
  return (
    <div className="no-print">
      <Section
        title="Close the incident"
        note="For what was dealt with. It comes back by itself if the behaviour goes on."
      >
        <form className="stack close-form" onSubmit={submit}>
          <div className="row">
            {usual.map(text => (
              <Button key={text} size="compact-xs" variant="default" onClick={() => setReason(text)}>
                {text}
              </Button>
            ))}
          </div>
          <Textarea
            aria-label="Why it can be closed"
            placeholder="Why it can be closed: the next reader will want to know"
            rows={3}
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
          />
          {close.error !== null && <ProblemNote doing="Closing" error={close.error} />}
          <div>
            <Button type="submit" variant="default" loading={close.isPending} disabled={reason.trim() === ''}>
              Close with this reason
            </Button>
          </div>
        </form>
      </Section>
    </div>
  )
}
