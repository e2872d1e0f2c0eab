import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import type { DetectorView } from '../../../../src/server/api/detector.ts'
import { useChangeDetector } from '../../api/detectors.ts'
import { plural } from '../../format/number.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

/** Turning it off asks once, and says what nobody will hear of then; turning it on does not. */
export function EnableSwitch({ detector }: { readonly detector: DetectorView }) {
  const change = useChangeDetector(detector.id)
  const [asking, setAsking] = useState(false)
  if (!useMayAct()) return null
  const turn = (enabled: boolean): void => change.mutate({ enabled }, { onSuccess: () => setAsking(false) })
  return (
    <div className="no-print">
      {change.error !== null && !asking && (
        <ProblemNote doing={`Turning ${detector.title} on`} error={change.error} />
      )}
      {detector.enabled ? (
        <Button variant="default" size="xs" onClick={() => setAsking(true)}>
          Turn it off…
        </Button>
      ) : (
        <Button size="xs" loading={change.isPending} onClick={() => turn(true)}>
          Turn it on
        </Button>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Turn off “${detector.title}”`} centered>
        <div className="stack" style={{ gap: 16 }}>
          <p>
            Nobody will hear of what it finds any more, of anyone, anywhere. In the last 30 days that was{' '}
            {plural(detector.signals30d, 'signal')} and {plural(detector.incidents30d, 'incident')}.
          </p>
          <p className="dim">
            Where only one caller or one endpoint is meant, dismiss the incident instead: that ends by itself.
          </p>
          {change.error !== null && <ProblemNote doing="Turning it off" error={change.error} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              Cancel
            </Button>
            <Button color="danger" loading={change.isPending} onClick={() => turn(false)}>
              Turn it off
            </Button>
          </div>
        </div>
      </Modal>
    </div>
  )
}
