import { Button } from '@mantine/core'
import { CircleSlash, OctagonX, Printer, ScrollText, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import type { ActionView, IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { effectSentence } from '../../format/effect.ts'
import { newPolicyPath } from '../../format/paths.ts'
import { plainNames } from '../../format/plain-names.ts'
import { span } from '../../format/time.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { DismissDialog } from '../../parts/dismiss-dialog.tsx'
import { QuarantineList } from '../../parts/quarantine-list.tsx'
import { StopDialog } from '../../parts/stop-dialog.tsx'

/** Actions shown at first; who uses many tokens can be stopped by each. */
const few = 3

/** What can be done, the proposed first, each with what it would have touched. What has been done, with its undo. */
export function Actions({ incident }: { readonly incident: IncidentDetailView }) {
  const [chosen, setChosen] = useState<ActionView | undefined>(undefined)
  const [all, setAll] = useState(false)
  const [dismissing, setDismissing] = useState(false)
  const mayAct = useMayAct()
  const contained = incident.quarantine.length > 0
  const stopped = new Set(incident.quarantine.map(entry => entry.target))
  const left = incident.actions.filter(action => !stopped.has(action.target))
  return (
    <section className="actions" aria-label="Actions">
      {contained && (
        <div className="contained">
          <p className="row">
            <ShieldCheck size={18} aria-hidden="true" />
            <b>Contained.</b> Calls from here are being refused; everyone else goes on as before.
          </p>
          <QuarantineList entries={incident.quarantine} here />
        </div>
      )}
      {incident.status !== 'closed' && (
        <ul className="action-list no-print">
          {left.slice(0, all ? undefined : few).map((action, index) => (
            <li key={`${action.kind} ${action.target}`}>
              <Button
                color="danger"
                variant={index === 0 && !contained ? 'filled' : 'default'}
                leftSection={<OctagonX size={16} />}
                disabled={!mayAct}
                onClick={() => setChosen(action)}
              >
                {plainNames(action.title, incident.principals)}
              </Button>
              <p>
                {effectSentence(action.effect)}{' '}
                <span className="dim">
                  Ends by itself after {span(action.ttlSeconds)}; can be undone at any time.
                </span>
              </p>
            </li>
          ))}
          {!all && left.length > few && (
            <li>
              <button type="button" className="plain-button link" onClick={() => setAll(true)}>
                show the other {left.length - few}
              </button>
            </li>
          )}
          {incident.actions.length === 0 && (
            <li>
              <p className="dim">
                There is nobody to stop here: the calls carry no identity that a quarantine could name. A
                policy can still refuse calls like these.
              </p>
            </li>
          )}
        </ul>
      )}
      {!mayAct && <p className="dim no-print">Your role may look but not act: an analyst or admin can.</p>}
      <div className="row no-print">
        {mayAct && incident.status !== 'closed' && (
          <Button
            variant="default"
            size="xs"
            leftSection={<CircleSlash size={14} />}
            onClick={() => setDismissing(true)}
          >
            Dismiss…
          </Button>
        )}
        <Button
          component={Link}
          to={newPolicyPath({ incident: incident.id })}
          variant="default"
          size="xs"
          leftSection={<ScrollText size={14} />}
        >
          Write a policy from this
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<Printer size={14} />}
          onClick={() => window.print()}
        >
          Print the report
        </Button>
      </div>
      {dismissing && <DismissDialog incidents={[incident]} onClose={() => setDismissing(false)} />}
      {chosen !== undefined && (
        <StopDialog
          incident={incident.id}
          action={{ ...chosen, title: plainNames(chosen.title, incident.principals) }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  )
}
