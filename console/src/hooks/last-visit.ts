import { useState } from 'react'

/**
 * When this list was last looked at before now, in ms; the visit that is going on is noted for the next one. Visits less
 * than a minute apart are one visit: opening an incident and coming back loses no mark.
 */
export function useLastVisit(list: string): number {
  const [before] = useState(() => {
    const now = Date.now()
    const [last, since] = read(list)
    if (now - last < 60_000) {
      write(list, now, since)
      return since
    }
    write(list, now, last)
    return last
  })
  return before
}

function read(list: string): readonly [number, number] {
  try {
    const [last, since] = (localStorage.getItem(`sallyport-visit-${list}`) ?? '0 0').split(' ').map(Number)
    return [last || 0, since || 0]
  } catch {
    return [0, 0]
  }
}

function write(list: string, last: number, since: number): void {
  try {
    localStorage.setItem(`sallyport-visit-${list}`, `${last} ${since}`)
  } catch {
    // Without storage everything is old, which is quiet.
  }
}
