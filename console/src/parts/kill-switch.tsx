import { Button, Modal } from '@mantine/core'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'
import { useBypass, useSetBypass } from '../api/control.ts'
import { Loaded } from './loaded.tsx'
import { ProblemNote } from './problem-note.tsx'
import { Section } from './section.tsx'

/** The way that is left when the server does not answer. */
const WithoutServer = () => (
  <p>
    It can be turned on without the server: <code>sallyport bypass on --local</code> on the machine of the
    gateway, with <code>--data-dir</code> where its data is elsewhere than in <code>./.sallyport</code>.
  </p>
)

/** One switch that lets everything pass, for the night when Sallyport itself is suspected. */
export function KillSwitch({ allowed }: { readonly allowed: boolean }) {
  const bypass = useBypass()
  const change = useSetBypass()
  const [asking, setAsking] = useState(false)
  return (
    <Section title="Kill switch" id="kill-switch">
      <Loaded query={bypass} doing="Reading the kill switch">
        {({ on, local }) => (
          <>
            <p>
              {on
                ? 'The kill switch is on: every call passes, no policy and no quarantine acts. Calls are still seen and judged.'
                : 'The kill switch is off: policies and quarantine act. On means that every call passes at once, without a restart.'}
            </p>
            <div>
              <Button
                size="xs"
                color={on ? 'accent' : 'danger'}
                variant={on ? 'filled' : 'outline'}
                disabled={!allowed}
                loading={change.isPending}
                leftSection={on ? <ShieldCheck size={14} /> : <ShieldOff size={14} />}
                onClick={() => (on ? change.mutate(false) : setAsking(true))}
              >
                {on ? 'Protect again' : 'Let everything pass…'}
              </Button>
              {local.all && (
                <p className="dim">
                  It is also held on by <code>{local.file}</code> or <code>SALLYPORT_BYPASS</code>, which this
                  does not change.
                </p>
              )}
              {!allowed && <span className="dim"> Only an admin can.</span>}
            </div>
          </>
        )}
      </Loaded>
      {change.error !== null && (
        <>
          <ProblemNote
            doing="Changing the kill switch"
            error={change.error}
            onRetry={() => change.mutate(change.variables)}
          />
          <WithoutServer />
        </>
      )}
      {bypass.data === undefined && bypass.error !== null && <WithoutServer />}
      <Modal opened={asking} onClose={() => setAsking(false)} title="Let everything pass?" centered>
        <div className="stack" style={{ gap: 16 }}>
          <p>
            Policies and quarantine stop acting at once, for every caller: whoever is being stopped now gets
            through again, until the switch is turned off.
          </p>
          <p>Calls are still seen and judged. Who turned it on is kept in the audit log.</p>
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button
              color="danger"
              onClick={() => {
                setAsking(false)
                change.mutate(true)
              }}
            >
              Let everything pass
            </Button>
          </div>
        </div>
      </Modal>
    </Section>
  )
}
