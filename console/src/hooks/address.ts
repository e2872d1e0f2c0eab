import { useSearchParams } from 'react-router'

/** The question in the address as it stands now, which may be ahead of what is drawn. */
export const addressNow = (): URLSearchParams => new URLSearchParams(window.location.search)

/**
 * What stands in the address after the `?`, and how to change parts of it in place: what is given replaces, what is given empty goes.
 * Changes build on the address as it stands, so that one made while the page is still being drawn loses no other.
 */
export function useAddress(): readonly [URLSearchParams, (params: Readonly<Record<string, string>>) => void] {
  const [search, setSearch] = useSearchParams()
  const change = (params: Readonly<Record<string, string>>): void => {
    const next = addressNow()
    for (const [key, value] of Object.entries(params)) {
      if (value === '') next.delete(key)
      else next.set(key, value)
    }
    setSearch(next, { replace: true })
  }
  return [search, change]
}
