import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { QuarantineView } from '../../../../src/server/api/quarantine.ts'
import { useExtendQuarantine } from '../../api/control.ts'
import { span } from '../../format/time.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { nameOf } from './lift-dialog.tsx'

interface ExtendDialogProps {
  readonly entry: QuarantineView
  readonly onClose: () => void
}

const offered = [900, 3_600, 14_400, 86_400, 604_800, 2_592_000]

/** For how long from now on; what would shorten it is not offered. */
export function ExtendDialog({ entry, onClose }: ExtendDialogProps) {
  const extend = useExtendQuarantine()
  const left = (Date.parse(entry.expiresAt) - Date.now()) / 1000
  const choices = offered.filter(seconds => seconds > left)
  const [seconds, setSeconds] = useState(choices[0] ?? offered.at(-1) ?? 86_400)
  return (
    <ConfirmDialog
      title={`Keep ${nameOf(entry)} out for longer?`}
      words={['Their calls go on being refused until then. It can be lifted at any time.']}
      confirm={`Keep out for ${span(seconds)}`}
      danger
      pending={extend.isPending}
      error={extend.error}
      onClose={onClose}
      onConfirm={() => extend.mutate({ id: entry.id, ttlSeconds: seconds }, { onSuccess: onClose })}
    >
      <NativeSelect
        label="From now on for"
        data={(choices.length === 0 ? offered.slice(-1) : choices).map(choice => ({
          value: String(choice),
          label: span(choice),
        }))}
        value={String(seconds)}
        onChange={event => setSeconds(Number(event.currentTarget.value))}
      />
    </ConfirmDialog>
  )
}
