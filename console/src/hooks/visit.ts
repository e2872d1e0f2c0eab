import { useCallback, useEffect, useState } from 'react'
import { useNoteVisit } from '../api/visits.ts'

/** A sitting ends after this long: whoever comes back later is told what has changed since. */
const sittingMs = 4 * 3_600_000

export interface Visit {
  /** What has changed is told against this time; empty: as the server remembers. */
  readonly against: string
  /** Whether it is known yet. */
  readonly ready: boolean
  /** From now on only what changes after this moment is told. */
  readonly markSeen: () => void
}

/**
 * When this page was visited before, as the server remembers for the reader. One sitting is one visit: reloading, or opening
 * an incident and coming back, loses no mark.
 */
export function useVisit(page: string): Visit {
  const [against, setAgainst] = useState(() => read(page))
  const { mutate } = useNoteVisit(page)
  const keep = useCallback(
    (time: string): void => {
      write(page, time)
      setAgainst(time)
    },
    [page],
  )
  const known = against !== undefined
  useEffect(() => {
    if (known) return
    mutate(undefined, {
      onSuccess: ({ at, before }) => keep(before ?? at),
      // Nothing is told as new then, which is quiet; the page itself says what failed.
      onError: () => setAgainst(''),
    })
  }, [known, mutate, keep])
  return {
    against: against ?? '',
    ready: known,
    markSeen: () => mutate(undefined, { onSuccess: ({ at }) => keep(at) }),
  }
}

const key = (page: string): string => `sallyport-sitting-${page}`

function read(page: string): string | undefined {
  try {
    const [against, since] = (sessionStorage.getItem(key(page)) ?? '').split(' ')
    const fresh = Date.now() - Number(since) < sittingMs
    return against !== undefined && against !== '' && fresh ? against : undefined
  } catch {
    return undefined
  }
}

function write(page: string, against: string): void {
  try {
    sessionStorage.setItem(key(page), `${against} ${Date.now()}`)
  } catch {
    // Without storage every load of the page is a visit.
  }
}
