import { useLayoutEffect, useRef } from 'react'
import { useLocation, useNavigationType } from 'react-router'

/** A new page begins at its top; going back, and changing a filter, leave the scrolling to where it was. */
export function useScrollToTop(): void {
  const { pathname } = useLocation()
  const kind = useNavigationType()
  const before = useRef(pathname)
  useLayoutEffect(() => {
    if (before.current !== pathname && kind !== 'POP') window.scrollTo(0, 0)
    before.current = pathname
  }, [pathname, kind])
}
