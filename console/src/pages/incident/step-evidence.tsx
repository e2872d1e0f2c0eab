import { Link } from 'react-router'
import type { CallView } from '../../../../src/server/api/call.ts'
import { useCallsById } from '../../api/calls.ts'
import { callsPath } from '../../format/paths.ts'
import { CallTable } from '../../parts/call-table.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { NamedEvents } from '../../parts/named-events.tsx'

/** What shows a step: calls that came with the incident, others that are asked for, and events that are no calls. */
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
          {page.items.length > 0 && (
            <CallTable calls={[...page.items].sort((a, b) => a.time.localeCompare(b.time))} />
          )}
          <NamedEvents ids={missing(wanted, page.items)} />
          {page.items.length > 0 && all}
        </>
      )}
    </Loaded>
  )
}

const missing = (wanted: ReadonlySet<string>, found: readonly CallView[]): readonly string[] => {
  const calls = new Set(found.map(({ id }) => id))
  return [...wanted].filter(id => !calls.has(id))
}
