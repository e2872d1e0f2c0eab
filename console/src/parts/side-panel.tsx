import { CloseButton } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useEscape } from '../hooks/escape.ts'
import './side-panel.css'

interface SidePanelProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** One row of a list in full, beside it; over it where there is no room. Esc closes. */
export function SidePanel({ title, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null)
  useEscape(onClose)
  // Whoever closes it goes on where they were.
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <aside className="side-panel" aria-label={title} ref={panel} tabIndex={-1}>
      <div className="side-panel-head">
        <h2>{title}</h2>
        <CloseButton aria-label="Close" onClick={onClose} />
      </div>
      {children}
    </aside>
  )
}
