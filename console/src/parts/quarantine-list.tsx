import { Button } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import { Link } from 'react-router'
import type { QuarantineView } from '../../../src/server/api/quarantine.ts'
import { useRelease } from '../api/incidents.ts'
import { incidentSentence } from '../format/incident-title.ts'
import { principalName } from '../format/names.ts'
import { incidentPath } from '../format/paths.ts'
import { useMayAct } from '../hooks/may-act.ts'
import { Moment } from './moment.tsx'
import { PrincipalLink } from './principal-link.tsx'
import { ProblemNote } from './problem-note.tsx'
import './quarantine-list.css'

const isLive = (entry: QuarantineView): boolean =>
  entry.releasedAt === undefined && Date.parse(entry.expiresAt) > Date.now()

interface QuarantineListProps {
  readonly entries: readonly QuarantineView[]
  /** True on the page of the incident itself, where a link to it leads nowhere. */
  readonly here?: boolean
}

export function QuarantineList({ entries, here = false }: QuarantineListProps) {
  const release = useRelease()
  const mayAct = useMayAct()
  return (
    <>
      {release.error !== null && <ProblemNote doing="Undoing the quarantine" error={release.error} />}
      <ul className="quarantine-list">
        {entries.map(entry => (
          <li key={entry.id}>
            <div>
              <p>
                {entry.kind === 'principal' ? (
                  <PrincipalLink id={entry.target} kind />
                ) : (
                  <span>
                    token <code>{entry.target}</code>
                  </span>
                )}{' '}
                {isLive(entry) ? 'is stopped until ' : 'was stopped until '}
                <Moment at={entry.releasedAt ?? entry.expiresAt} />
                {entry.releasedBy !== undefined && `, released by ${principalName(entry.releasedBy)}`}
              </p>
              <p className="dim">
                {incidentSentence(entry.reason, [entry.target])} Stopped by {principalName(entry.createdBy)}{' '}
                at <Moment at={entry.createdAt} />
                {entry.incident !== undefined && !here && (
                  <>
                    {' '}
                    · <Link to={incidentPath(entry.incident)}>incident</Link>
                  </>
                )}
              </p>
            </div>
            {mayAct && isLive(entry) && (
              <Button
                size="xs"
                variant="default"
                className="no-print"
                leftSection={<Undo2 size={14} />}
                loading={release.isPending && release.variables === entry.id}
                onClick={() => release.mutate(entry.id)}
              >
                Undo
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
