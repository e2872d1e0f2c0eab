import { Button, Modal, Select, TextInput } from '@mantine/core'
import { OctagonX } from 'lucide-react'
import { useState } from 'react'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { useQuarantineSomeone } from '../../api/control.ts'
import { principalName } from '../../format/names.ts'
import { span } from '../../format/time.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

const lengths = [900, 3600, 14_400, 86_400]

/** Stopping someone without an incident asks for a reason: there is no story that would give one. */
export function StopPrincipal({ principal }: { readonly principal: PrincipalView }) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const [seconds, setSeconds] = useState(3600)
  const stop = useQuarantineSomeone()
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    stop.mutate(
      { kind: 'principal', target: principal.id, reason: reason.trim(), ttlSeconds: seconds },
      { onSuccess: () => setOpen(false) },
    )
  }
  const name = principalName(principal.id)
  return (
    <div>
      <Button variant="default" size="xs" leftSection={<OctagonX size={14} />} onClick={() => setOpen(true)}>
        Stop {name.slice(0, 40)}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Stop ${name.slice(0, 60)}`} centered>
        <form className="stack" style={{ gap: 16 }} onSubmit={submit}>
          <p>Every call of theirs will be refused until the time is over or someone undoes it.</p>
          <TextInput
            label="Why"
            required
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
            data-autofocus
          />
          <Select
            label="For how long"
            allowDeselect={false}
            data={lengths.map(length => ({ value: String(length), label: span(length) }))}
            value={String(seconds)}
            onChange={value => value !== null && setSeconds(Number(value))}
          />
          {stop.error !== null && <ProblemNote doing="Stopping them" error={stop.error} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button type="submit" color="danger" loading={stop.isPending} disabled={reason.trim() === ''}>
              Stop for {span(seconds)}
            </Button>
          </div>
        </form>
      </Modal>
    </div>
  )
}
