import type { QuarantineView } from '../../../../src/server/api/quarantine.ts'
import { useRelease } from '../../api/incidents.ts'
import { principalName } from '../../format/names.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'

interface LiftDialogProps {
  readonly entry: QuarantineView
  readonly onClose: () => void
}

export const nameOf = ({ kind, target }: QuarantineView): string =>
  kind === 'principal' ? principalName(target) : `the ${kind} ${target.slice(0, 12)}`

export function LiftDialog({ entry, onClose }: LiftDialogProps) {
  const release = useRelease()
  return (
    <ConfirmDialog
      title={`Let ${nameOf(entry)} in again?`}
      words={[
        'Their calls pass again at once. Policies still apply to them, and they can be shut out again.',
      ]}
      confirm="Lift the quarantine"
      pending={release.isPending}
      error={release.error}
      onClose={onClose}
      onConfirm={() => release.mutate(entry.id, { onSuccess: onClose })}
    />
  )
}
