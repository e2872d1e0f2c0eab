import { Button, Modal, Select } from '@mantine/core'
import { useState } from 'react'
import type { ActionView } from '../../../src/server/api/incident.ts'
import { useAct } from '../api/incidents.ts'
import { effectSentence } from '../format/effect.ts'
import { span } from '../format/time.ts'
import { ProblemNote } from './problem-note.tsx'

interface StopDialogProps {
  readonly incident: string
  readonly action: ActionView
  readonly onClose: () => void
}

const usual = [900, 3600, 14_400, 86_400]

/** Asks once, says exactly what will happen, and for how long. */
export function StopDialog({ incident, action, onClose }: StopDialogProps) {
  const [seconds, setSeconds] = useState(action.ttlSeconds)
  const act = useAct(incident)
  const choices = [...new Set([...usual, action.ttlSeconds])].sort((a, b) => a - b)
  const run = (): void =>
    act.mutate({ kind: action.kind, target: action.target, ttlSeconds: seconds }, { onSuccess: onClose })
  return (
    <Modal opened onClose={onClose} title={action.title.replace(/ for an hour$/, '')} centered>
      <div className="stack" style={{ gap: 16 }}>
        <dl className="facts">
          <dt>Acts on</dt>
          <dd className="mono">{action.target}</dd>
          <dt>Effect</dt>
          <dd>{effectSentence(action.effect)}</dd>
          <dt>Undo</dt>
          <dd>At any time, from this page. It takes effect at once.</dd>
        </dl>
        <Select
          label="For how long"
          allowDeselect={false}
          data={choices.map(choice => ({ value: String(choice), label: span(choice) }))}
          value={String(seconds)}
          onChange={value => value !== null && setSeconds(Number(value))}
        />
        {act.error !== null && <ProblemNote doing={action.title} error={act.error} onRetry={run} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="danger" loading={act.isPending} onClick={run} data-autofocus>
            Stop for {span(seconds)}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
