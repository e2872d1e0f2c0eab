import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Verdict } from '../../../../src/detect/tuning/tuning.ts'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useFeedback } from '../../api/incidents.ts'
import { principalName } from '../../format/names.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'

/** Whether it was an attack, in a person's word: detectors are judged and corrected by it. It can be said again. */
export function Feedback({ incident }: { readonly incident: IncidentDetailView }) {
  const mayAct = useMayAct()
  const said = incident.feedback
  const [asking, setAsking] = useState(said === undefined)
  const [note, setNote] = useState('')
  const feedback = useFeedback(incident.id)
  if (said === undefined && !mayAct) return null
  const say = (verdict: Verdict): void => {
    const text = note.trim()
    feedback.mutate(
      { verdict, ...(text === '' ? {} : { note: text }) },
      { onSuccess: () => setAsking(false) },
    )
  }
  return (
    <Section title="Was it an attack?" note="Detectors are judged, and their confidence corrected, by this.">
      {said !== undefined && (
        <p>
          {principalName(said.by)} said at <Moment at={said.at} /> that it was{' '}
          <b>{said.verdict === 'attack' ? 'an attack' : 'no attack'}</b>
          {said.note === undefined ? '.' : `: ${said.note}`}{' '}
          {mayAct && !asking && (
            <button type="button" className="plain-button link no-print" onClick={() => setAsking(true)}>
              Say something else
            </button>
          )}
        </p>
      )}
      {asking && mayAct && (
        <div className="stack no-print feedback">
          <TextInput
            aria-label="How you know, if you like"
            placeholder="How you know, if you like"
            maxLength={500}
            value={note}
            onChange={event => setNote(event.currentTarget.value)}
          />
          <div className="row">
            <Button variant="default" loading={feedback.isPending} onClick={() => say('attack')}>
              Yes, an attack
            </Button>
            <Button variant="default" loading={feedback.isPending} onClick={() => say('benign')}>
              No, it was harmless
            </Button>
          </div>
        </div>
      )}
      {feedback.error !== null && <ProblemNote doing="Noting it" error={feedback.error} />}
    </Section>
  )
}
