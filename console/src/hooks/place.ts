import { type RefObject, useEffect, useRef } from 'react'
import { useLocation } from 'react-router'

/** How long what is loaded above may still push a place away from where it was brought to. */
const settlingMs = 3_000

const ownMoves = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const

/**
 * Brings an element into view when the address ends with `#id`: the browser looks for it before it is drawn. It stays there while the
 * page above it loads, until the reader moves by themselves. Returns the ref for the element.
 */
export function usePlace(id: string | undefined): RefObject<HTMLElement | null> {
  const { hash, key } = useLocation()
  const place = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same link may be followed twice.
  useEffect(() => {
    if (id === undefined || hash !== `#${id}`) return undefined
    const show = (): void => place.current?.scrollIntoView()
    const sizes = new ResizeObserver(show)
    const stop = (): void => {
      sizes.disconnect()
      clearTimeout(timer)
      for (const move of ownMoves) window.removeEventListener(move, stop)
    }
    const timer = setTimeout(stop, settlingMs)
    show()
    sizes.observe(document.body)
    for (const move of ownMoves) window.addEventListener(move, stop, { passive: true })
    return stop
  }, [id, hash, key])
  return place
}
