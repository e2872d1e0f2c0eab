import { lazy, Suspense, useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { useShortcuts } from '../hooks/shortcuts.ts'
import { destinations } from './destinations.ts'

const Palette = lazy(() => import('./palette.tsx'))
const KeysHelp = lazy(() => import('./keys-help.tsx'))

interface KeysProps {
  readonly paletteOpen: boolean
  readonly setPaletteOpen: (open: boolean) => void
}

/** The shortcuts that work everywhere: ⌘K, `/`, `?` and `g` followed by a page's letter. */
export function Keys({ paletteOpen, setPaletteOpen }: KeysProps) {
  const [helpOpen, setHelpOpen] = useState(false)
  const navigate = useNavigate()
  const [going, setGoing] = useState(false)

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setPaletteOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [setPaletteOpen])

  useEffect(() => {
    if (!going) return undefined
    const timer = setTimeout(() => setGoing(false), 1200)
    const onKey = (event: KeyboardEvent): void => {
      const target = destinations.find(destination => destination.key === event.key)
      setGoing(false)
      if (target === undefined) return
      event.preventDefault()
      event.stopImmediatePropagation()
      navigate(target.to)
    }
    window.addEventListener('keydown', onKey, { capture: true, once: true })
    return () => {
      clearTimeout(timer)
      window.removeEventListener('keydown', onKey, { capture: true })
    }
  }, [going, navigate])

  useShortcuts({
    g: () => setGoing(true),
    '?': () => setHelpOpen(true),
    '/': () => {
      const search = document.querySelector<HTMLInputElement>('[data-search]')
      if (search === null) setPaletteOpen(true)
      else search.focus()
    },
  })

  return (
    <Suspense>
      {paletteOpen && <Palette onClose={() => setPaletteOpen(false)} />}
      {helpOpen && <KeysHelp onClose={() => setHelpOpen(false)} />}
    </Suspense>
  )
}
