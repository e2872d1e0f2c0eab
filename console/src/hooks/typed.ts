import { useEffect, useRef, useState } from 'react'

/** How long nothing more is typed before the address follows. */
const idleMs = 250

/**
 * What is typed into a field whose value lives in the address: shown at once, written when the typing pauses. Returns the
 * text as it stands and how to change it.
 */
export function useTyped(
  value: string,
  write: (text: string) => void,
): readonly [string, (text: string) => void] {
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const latest = useRef(write)
  latest.current = write
  useEffect(() => {
    if (typed === undefined) return undefined
    const timer = setTimeout(() => {
      latest.current(typed)
      setTyped(undefined)
    }, idleMs)
    return () => clearTimeout(timer)
  }, [typed])
  return [typed ?? value, setTyped]
}
