import { Modal } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { type PaletteEntry, usePaletteEntries } from './palette-entries.ts'
import './palette.css'

/** Goes anywhere by a few letters: pages, incidents, APIs, principals; or searches the calls for what was typed. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const navigate = useNavigate()
  const entries = usePaletteEntries(typed)
  const go = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return
    onClose()
    navigate(entry.to)
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by !== 0) {
      event.preventDefault()
      setActive(at => Math.max(0, Math.min(entries.length - 1, at + by)))
    }
    if (event.key === 'Enter') go(entries[active])
  }
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      title={undefined}
    >
      <input
        className="palette-input"
        data-autofocus
        aria-label="Go to"
        aria-controls="palette-entries"
        aria-activedescendant={`palette-${active}`}
        role="combobox"
        aria-expanded="true"
        placeholder="Go to a page, an incident, an API, a principal…"
        value={typed}
        onChange={event => {
          setTyped(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-entries" id="palette-entries" role="listbox" aria-label="Places">
        {entries.map((entry, index) => (
          <button
            key={`${entry.kind} ${entry.to}`}
            id={`palette-${index}`}
            type="button"
            role="option"
            aria-selected={index === active}
            className="palette-entry"
            onMouseMove={() => setActive(index)}
            onClick={() => go(entry)}
          >
            <span className="palette-label">{entry.label}</span>
            <span className="dim">{entry.kind}</span>
          </button>
        ))}
      </div>
    </Modal>
  )
}
