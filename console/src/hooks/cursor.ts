import { useState } from 'react'
import { useShortcuts } from './shortcuts.ts'

/** `j` and `k` move through rows marked `data-row`, `o` or Enter opens. Returns the row that is active, or -1. */
export function useCursor(length: number, open: (index: number) => void): number {
  const [active, setActive] = useState(-1)
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(length - 1, active + by))
    setActive(next)
    document.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  const enter = (): void => {
    if (active >= 0 && active < length) open(active)
  }
  useShortcuts({ j: () => move(1), k: () => move(-1), o: enter }, length > 0)
  return active < length ? active : -1
}
