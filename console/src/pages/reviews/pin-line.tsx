import { Button } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import type { PinView } from '../../../../src/server/api/pin.ts'
import { useRemovePin } from '../../api/catalog.ts'
import { principalName } from '../../format/names.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'

const fromFile = 'file:'

/** Who decided it and when, and the way back. What the catalog file says is undone in the file. */
export function PinLine({ pin }: { readonly pin: PinView }) {
  const remove = useRemovePin()
  const mayAct = useMayAct()
  const file = pin.by.startsWith(fromFile) ? pin.by.slice(fromFile.length) : undefined
  return (
    <div className="pin-line">
      <p className="dim">
        {file === undefined ? (
          <>
            Decided by {principalName(pin.by)} at <Moment at={pin.at} />.
          </>
        ) : (
          <>
            Decided in <code>{file}</code>: take it out there.
          </>
        )}
      </p>
      {mayAct && file === undefined && (
        <Button
          size="compact-xs"
          variant="default"
          className="no-print"
          leftSection={<Undo2 size={13} aria-hidden="true" />}
          loading={remove.isPending}
          onClick={() => remove.mutate(pin.id)}
        >
          Undo
        </Button>
      )}
      {remove.error !== null && <ProblemNote doing="Undoing it" error={remove.error} />}
    </div>
  )
}
