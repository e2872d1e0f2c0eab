import { useEventsById } from '../api/events.ts'
import { plural } from '../format/number.ts'
import { EventTable } from './event-table.tsx'
import { Loaded } from './loaded.tsx'

interface NamedEventsProps {
  /** Ids that are of no call that was found. */
  readonly ids: readonly string[]
}

/** What evidence names besides calls; and, where something is kept no more, that it is. */
export function NamedEvents({ ids }: NamedEventsProps) {
  const events = useEventsById(ids, true)
  if (ids.length === 0) return null
  return (
    <Loaded query={events} doing="Loading the events">
      {({ items }) => (
        <>
          {items.length > 0 && <EventTable events={items} />}
          {items.length < ids.length && (
            <p className="dim">
              {plural(ids.length - items.length, 'record')} of the evidence{' '}
              {ids.length - items.length === 1 ? 'is' : 'are'} kept no more, or not written yet.
            </p>
          )}
        </>
      )}
    </Loaded>
  )
}
