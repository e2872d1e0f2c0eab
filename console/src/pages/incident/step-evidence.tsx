import { Link } from 'react-router'
import { useCallsById } from '../../api/calls.ts'
import type { CallView } from '../../api/types.ts'
import { callsPath } from '../../format/paths.ts'
import { CallTable } from '../../parts/call-table.tsx'
import { Loaded } from '../../parts/loaded.tsx'

/** The calls of one step: from what came with the incident, and asked for where some are missing. */
export function StepEvidence({
  ids,
  known,
}: {
  readonly ids: readonly string[]
  readonly known: readonly CallView[]
}) {
  const wanted = new Set(ids)
  const here = known.filter(call => wanted.has(call.id))
  const complete = here.length === wanted.size
  const asked = useCallsById(ids, !complete)
  const all = (
    <p className="no-print">
      <Link to={callsPath({ ids: ids.join(','), range: 'all' })}>Open in the calls explorer</Link>
    </p>
  )
  if (complete) {
    return (
      <>
        <CallTable calls={here} />
        {all}
      </>
    )
  }
  return (
    <Loaded query={asked} doing="Loading the evidence">
      {page => (
        <>
          {page.items.length < wanted.size && (
            <p className="dim">
              {wanted.size - page.items.length} of {wanted.size} calls are past their retention or not written
              yet.
            </p>
          )}
          <CallTable calls={[...page.items].sort((a, b) => a.time.localeCompare(b.time))} />
          {all}
        </>
      )}
    </Loaded>
  )
}
