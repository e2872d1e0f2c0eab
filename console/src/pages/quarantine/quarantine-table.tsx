import { Button } from '@mantine/core'
import { Clock, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import type { QuarantineView } from '../../../../src/server/api/quarantine.ts'
import { useQuarantinePreview } from '../../api/control.ts'
import { incidentSentence } from '../../format/incident-title.ts'
import { principalName } from '../../format/names.ts'
import { callsPath, incidentPath, policyPath } from '../../format/paths.ts'
import { policyOf, previewSentence } from '../../format/quarantine.ts'
import { ago } from '../../format/time.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { ExtendDialog } from './extend-dialog.tsx'
import { LiftDialog } from './lift-dialog.tsx'

const isLive = (entry: QuarantineView): boolean =>
  entry.releasedAt === undefined && Date.parse(entry.expiresAt) > Date.now()

interface Asked {
  readonly entry: QuarantineView
  readonly what: 'lift' | 'extend'
}

/** Who is shut out: why, until when, by whom, and what that keeps away. */
export function QuarantineTable({ entries }: { readonly entries: readonly QuarantineView[] }) {
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const mayAct = useMayAct()
  const close = (): void => setAsked(undefined)
  return (
    <>
      <table className="table cards">
        <thead>
          <tr>
            <th>Who</th>
            <th>Why</th>
            <th>Until</th>
            <th>What it touches</th>
            <th>
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <tr key={entry.id}>
              <td data-label="">
                <Target entry={entry} />
              </td>
              <td data-label="Why">
                <Reason entry={entry} />
              </td>
              <td data-label="Until">
                <Until entry={entry} />
              </td>
              <td data-label="What it touches">
                <Reach entry={entry} />
              </td>
              <td data-label="">
                {mayAct && isLive(entry) && (
                  <span className="row no-print">
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<Undo2 size={14} />}
                      onClick={() => setAsked({ entry, what: 'lift' })}
                    >
                      Lift…
                    </Button>
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<Clock size={14} />}
                      onClick={() => setAsked({ entry, what: 'extend' })}
                    >
                      Extend…
                    </Button>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked?.what === 'lift' && <LiftDialog entry={asked.entry} onClose={close} />}
      {asked?.what === 'extend' && <ExtendDialog entry={asked.entry} onClose={close} />}
    </>
  )
}

function Target({ entry }: { readonly entry: QuarantineView }) {
  if (entry.kind === 'principal') return <PrincipalLink id={entry.target} kind />
  return (
    <span>
      {entry.kind} <code title={entry.target}>{entry.target.slice(0, 12)}</code>
    </span>
  )
}

function Reason({ entry }: { readonly entry: QuarantineView }) {
  const policy = policyOf(entry.createdBy)
  return (
    <span>
      {incidentSentence(entry.reason, [entry.target])}
      <br />
      <span className="dim">
        {policy === undefined ? (
          <>By {principalName(entry.createdBy)}</>
        ) : (
          <>
            By the policy <Link to={policyPath(policy)}>{policy}</Link>
          </>
        )}{' '}
        at <Moment at={entry.createdAt} />
        {entry.incident !== undefined && (
          <>
            , for <Link to={incidentPath(entry.incident)}>the incident</Link>
          </>
        )}
      </span>
    </span>
  )
}

function Until({ entry }: { readonly entry: QuarantineView }) {
  if (entry.releasedAt !== undefined)
    return (
      <span>
        lifted <Moment at={entry.releasedAt} />
        {entry.releasedBy !== undefined && ` by ${principalName(entry.releasedBy)}`}
      </span>
    )
  return (
    <span>
      {!isLive(entry) && 'ended '}
      <Moment at={entry.expiresAt} /> <span className="dim">{ago(entry.expiresAt)}</span>
    </span>
  )
}

function Reach({ entry }: { readonly entry: QuarantineView }) {
  const preview = useQuarantinePreview(entry, useMayAct() && isLive(entry))
  if (!isLive(entry)) return <span className="dim">nothing any more</span>
  if (preview.error !== null) return <span className="dim">cannot be told right now</span>
  if (preview.data === undefined) return <span className="dim">counting its calls…</span>
  const words = previewSentence(preview.data)
  return entry.kind === 'principal' && preview.data.calls > 0 ? (
    <Link to={callsPath({ principal: entry.target })}>{words}</Link>
  ) : (
    <span>{words}</span>
  )
}
