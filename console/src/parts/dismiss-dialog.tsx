import { Button, Modal, NativeSelect, Radio, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { DismissalReason, DismissalScope } from '../../../src/detect/tuning/suppression.ts'
import type { IncidentView } from '../../../src/server/api/incident.ts'
import { type Dismissed, useDismissIncidents } from '../api/incidents.ts'
import { dismissalEffect, dismissalSpans, reasons, reasonWords, scopeWords } from '../format/dismissal.ts'
import { incidentSentence } from '../format/incident-title.ts'
import { plural } from '../format/number.ts'
import { ProblemNote } from './problem-note.tsx'
import './dismiss-dialog.css'

interface DismissDialogProps {
  readonly incidents: readonly IncidentView[]
  readonly onClose: () => void
  readonly onDone?: (told: Dismissed) => void
}

const scopes: readonly DismissalScope[] = ['actor-detector-endpoint', 'actor-detector', 'detector-endpoint']

/** Dismissing asks why, of what exactly, and for how long, and says what it will and will not keep quiet. */
export function DismissDialog({ incidents, onClose, onDone }: DismissDialogProps) {
  const [reason, setReason] = useState<DismissalReason | undefined>(undefined)
  const [scope, setScope] = useState<DismissalScope>('actor-detector-endpoint')
  const [days, setDays] = useState(30)
  const [note, setNote] = useState('')
  const [left, setLeft] = useState(incidents)
  const [through, setThrough] = useState(0)
  const dismiss = useDismissIncidents()
  const failed = dismiss.data?.failed ?? []
  const run = (): void => {
    if (reason === undefined) return
    const said = note.trim()
    setThrough(0)
    dismiss.mutate(
      {
        incidents: left.map(({ id }) => id),
        reason,
        scope,
        days,
        ...(said === '' ? {} : { note: said }),
        onEach: setThrough,
      },
      {
        onSuccess: told => {
          onDone?.(told)
          if (told.failed.length === 0) onClose()
          else setLeft(left.filter(({ id }) => told.failed.includes(id)))
        },
      },
    )
  }
  const [first] = incidents
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        incidents.length === 1 ? 'Dismiss the incident' : `Dismiss ${plural(incidents.length, 'incident')}`
      }
      centered
      size="lg"
    >
      <form
        className="stack dismiss"
        onSubmit={event => {
          event.preventDefault()
          run()
        }}
      >
        {incidents.length === 1 && first !== undefined && (
          <p className="dim dismiss-what">{incidentSentence(first.title, first.principals)}</p>
        )}
        <Radio.Group
          label="Why"
          value={reason ?? ''}
          onChange={value => setReason(value as DismissalReason)}
          required
        >
          <div className="dismiss-choices">
            {reasons.map((value, index) => (
              <Radio
                key={value}
                value={value}
                label={reasonWords[value]}
                {...(index === 0 ? { 'data-autofocus': true } : {})}
              />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          label="A note for the next reader"
          rows={2}
          maxLength={500}
          value={note}
          onChange={event => setNote(event.currentTarget.value)}
        />
        <Radio.Group
          label="What is expected from now on"
          value={scope}
          onChange={value => setScope(value as DismissalScope)}
        >
          <div className="stack dismiss-scopes">
            {scopes.map(value => (
              <Radio key={value} value={value} label={scopeWords(value, left)} />
            ))}
          </div>
        </Radio.Group>
        <NativeSelect
          label="For how long"
          maw={200}
          data={dismissalSpans.map(value => ({ value: String(value), label: plural(value, 'day') }))}
          value={String(days)}
          onChange={event => setDays(Number(event.currentTarget.value))}
        />
        <p className="dismiss-effect">
          {dismissalEffect(scope, left, days)} It can be taken back under Tuning at any time.
        </p>
        {dismiss.data?.error !== undefined && (
          <ProblemNote
            doing={
              incidents.length === 1
                ? 'Dismissing it'
                : `Dismissing ${failed.length} of ${plural(failed.length + dismiss.data.done, 'incident')}`
            }
            error={dismiss.data.error}
          />
        )}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          {dismiss.isPending && left.length > 1 && (
            <span className="dim" role="status">
              {through} of {left.length}
            </span>
          )}
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={reason === undefined} loading={dismiss.isPending}>
            {failed.length > 0 ? 'Try the rest again' : 'Dismiss'}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
