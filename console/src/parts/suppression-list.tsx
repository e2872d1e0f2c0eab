import { Button } from '@mantine/core'
import { Link } from 'react-router'
import type { SuppressionView } from '../../../src/server/api/suppression.ts'
import { useRemoveSuppression } from '../api/detectors.ts'
import { reasonWords, suppressionWords } from '../format/dismissal.ts'
import { fullStop, principalName } from '../format/names.ts'
import { plural } from '../format/number.ts'
import { incidentPath } from '../format/paths.ts'
import { useMayAct } from '../hooks/may-act.ts'
import { Moment } from './moment.tsx'
import { ProblemNote } from './problem-note.tsx'
import './suppression-list.css'

/** Dismissals that hold: what is not raised, why, by whose word, until when, what it kept quiet, and how to end it. */
export function SuppressionList({ suppressions }: { readonly suppressions: readonly SuppressionView[] }) {
  const remove = useRemoveSuppression()
  const mayAct = useMayAct()
  return (
    <>
      {remove.error !== null && <ProblemNote doing="Ending the dismissal" error={remove.error} />}
      <ul className="suppressions">
        {suppressions.map(one => (
          <li key={one.id}>
            <div>
              <p>{suppressionWords(one)}</p>
              <p className="dim">
                {reasonWords[one.reason]}
                {one.note !== undefined && <>: {fullStop(one.note)}</>} By {principalName(one.by)}, at{' '}
                <Link to={incidentPath(one.incident)}>this incident</Link>. Ends{' '}
                <Moment at={one.expiresAt} withAgo />.{' '}
                {one.hits === 0 ? (
                  'It has kept nothing quiet yet.'
                ) : (
                  <>
                    It kept {plural(one.hits, 'finding')} quiet
                    {one.lastHit !== undefined && (
                      <>
                        , last <Moment at={one.lastHit} withAgo />
                      </>
                    )}
                    .
                  </>
                )}
              </p>
            </div>
            {mayAct && (
              <Button
                className="no-print"
                size="xs"
                variant="default"
                loading={remove.isPending && remove.variables === one.id}
                onClick={() => remove.mutate(one.id)}
              >
                End it now
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
