import type { ReactNode } from 'react'
import { ProblemNote } from './problem-note.tsx'
import { Lines } from './skeletons.tsx'

/** The part of a query's result that is needed to show it in each of its states. */
interface Query<Data> {
  readonly data: Data | undefined
  readonly error: Error | null
  readonly isPending: boolean
  readonly refetch: () => unknown
}

interface LoadedProps<Data> {
  readonly query: Query<Data>
  /** `Loading the incidents`. */
  readonly doing: string
  readonly skeleton?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** A skeleton, then the data; or what failed. Data that is there stays in view when a refresh fails. */
export function Loaded<Data>({ query, doing, skeleton, children }: LoadedProps<Data>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error !== null && (
          <ProblemNote doing={`${doing} again`} error={query.error} onRetry={() => query.refetch()} />
        )}
        {children(query.data)}
      </>
    )
  }
  if (query.error !== null)
    return <ProblemNote doing={doing} error={query.error} onRetry={() => query.refetch()} />
  return (
    <div aria-busy="true">
      <span className="visually-hidden">{doing}…</span>
      {skeleton ?? <Lines />}
    </div>
  )
}
