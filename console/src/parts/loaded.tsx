import type { ReactNode } from 'react'
import { Moment } from './moment.tsx'
import { ProblemNote } from './problem-note.tsx'
import { Lines } from './skeletons.tsx'

/** The part of a query's result that is needed to show it in each of its states. */
interface Query<Data> {
  readonly data: Data | undefined
  /** When the data came. */
  readonly dataUpdatedAt?: number
  readonly error: Error | null
  readonly isPending: boolean
  readonly refetch: () => unknown
}

interface LoadedProps<Data> {
  readonly query: Query<Data>
  /** `Loading the incidents`. */
  readonly doing: string
  readonly skeleton?: ReactNode
  /** What stands around the words of a failure, where the data alone makes the page. */
  readonly failed?: (note: ReactNode) => ReactNode
  readonly children: (data: Data) => ReactNode
}

/** A skeleton, then the data; or what failed. Data that is there stays in view when a refresh fails. */
export function Loaded<Data>({ query, doing, skeleton, failed, children }: LoadedProps<Data>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error !== null && (
          <ProblemNote doing={`${doing} again`} error={query.error} onRetry={() => query.refetch()}>
            {query.dataUpdatedAt !== undefined && (
              <p>
                What is shown is from <Moment at={new Date(query.dataUpdatedAt).toISOString()} seconds />.
              </p>
            )}
          </ProblemNote>
        )}
        {children(query.data)}
      </>
    )
  }
  if (query.error !== null) {
    const note = <ProblemNote doing={doing} error={query.error} onRetry={() => query.refetch()} />
    return failed === undefined ? note : failed(note)
  }
  return (
    <div aria-busy="true">
      <span className="visually-hidden">{doing}…</span>
      {skeleton ?? <Lines />}
    </div>
  )
}
