import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { FindingView } from '../../../../src/server/api/finding.ts'
import { useDismiss, useReopenFinding } from '../../api/findings.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'

const spans = [
  { value: '', label: 'for good' },
  { value: '7', label: 'for 7 days' },
  { value: '30', label: 'for 30 days' },
  { value: '90', label: 'for 90 days' },
]

/** It may stay, for a while or for good, and someone says why; or it comes back. */
export function FindingDecision({ finding }: { readonly finding: FindingView }) {
  const mayAct = useMayAct()
  if (!mayAct || finding.status === 'gone') return null
  return finding.status === 'dismissed' ? <Reopen id={finding.id} /> : <Dismiss id={finding.id} />
}

function Reopen({ id }: { readonly id: string }) {
  const reopen = useReopenFinding()
  return (
    <div className="stack no-print">
      {reopen.error !== null && <ProblemNote doing="Reopening it" error={reopen.error} />}
      <div>
        <Button size="xs" variant="default" loading={reopen.isPending} onClick={() => reopen.mutate(id)}>
          Reopen
        </Button>
      </div>
    </div>
  )
}

function Dismiss({ id }: { readonly id: string }) {
  const [reason, setReason] = useState('')
  const [days, setDays] = useState('')
  const dismiss = useDismiss()
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    dismiss.mutate({ id, reason: reason.trim(), ...(days === '' ? {} : { days: Number(days) }) })
  }
  return (
    <div className="no-print">
      <Section title="It may stay">
        <form className="stack" onSubmit={submit}>
          <Textarea
            aria-label="Why it may stay"
            placeholder="Why it may stay: the next reader will want to know"
            rows={2}
            maxLength={500}
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
          />
          <div className="row">
            <NativeSelect
              size="xs"
              aria-label="For how long"
              data={spans}
              value={days}
              onChange={event => setDays(event.currentTarget.value)}
            />
            <Button
              type="submit"
              size="xs"
              variant="default"
              loading={dismiss.isPending}
              disabled={reason.trim() === ''}
            >
              Dismiss
            </Button>
          </div>
          {dismiss.error !== null && <ProblemNote doing="Dismissing it" error={dismiss.error} />}
        </form>
      </Section>
    </div>
  )
}
