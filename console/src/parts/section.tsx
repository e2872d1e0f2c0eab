import type { ReactNode } from 'react'
import { usePlace } from '../hooks/place.ts'

interface SectionProps {
  readonly title: string
  readonly note?: ReactNode
  readonly id?: string
  readonly children: ReactNode
}

export function Section({ title, note, id, children }: SectionProps) {
  const place = usePlace(id)
  return (
    <section ref={place} className="section" id={id} aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
        {note !== undefined && <p>{note}</p>}
      </div>
      {children}
    </section>
  )
}
