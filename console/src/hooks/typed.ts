import { useEffect, useRef, useState } from 'react'

/** How long nothing more is typed before the address follows. */
const idleMs = 250

/**
 * What is typed into a field whose value lives in the address: shown at once, written when the typing pauses, and shown until the
 * address says it. Returns the text as it stands and how to change it.
 */
export function useTyped(
  value: string,
  write: (text: string) => void,
): readonly [string, (text: string) => void] {
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const latest = useRef(write)
  latest.current = write
  const written = useRef(false)
  useEffect(() => {
    if (typed === undefined) return undefined
    const timer = setTimeout(() => {
      written.current = true
      latest.current(typed)
    }, idleMs)
    return () => clearTimeout(timer)
  }, [typed])
  // The address is drawn later than it is written: what was typed before must not show for that moment.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of the address that ends it.
  useEffect(() => {
    if (!written.current) return
    written.current = false
    setTyped(undefined)
  }, [value])
  const type = (text: string): void => {
    written.current = false
    setTyped(text)
  }
  return [typed ?? value, type]
}
