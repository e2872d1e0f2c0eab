import { Link } from 'react-router'
import { useRuntimeEvents } from '../../api/events.ts'
import { plural } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { EventTable } from '../../parts/event-table.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

/** What it ran, opened and connected to lately, and the incidents that rest on it. */
export function RuntimeSection({ workload }: { readonly workload: string }) {
  const events = useRuntimeEvents(workload)
  return (
    <Section title="What runs in it" note={<Link to={callsPath({ workload, range: 'all' })}>its calls</Link>}>
      <Loaded query={events} doing="Loading what runs in it">
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">
              No program, file or connection was told of. A runtime sensor such as Falco or Tetragon tells of
              them: <Link to="/sensors">connect one</Link>.
            </p>
          ) : (
            <>
              <p>{sentence(items.length, items.filter(({ incidents }) => incidents.length > 0).length)}</p>
              <EventTable events={items} withWorkload={false} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function sentence(all: number, named: number): string {
  const last = `The last ${plural(all, 'thing')} that a runtime sensor saw in it`
  return named === 0
    ? `${last}; no incident rests on any of them.`
    : `${last}; incidents rest on ${named} of them.`
}
