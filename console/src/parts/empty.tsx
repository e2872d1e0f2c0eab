import type { ReactNode } from 'react'

interface EmptyProps {
  /** What there is none of, and whether that is good. */
  readonly title: string
  /** What it would hold, and what to do next. */
  readonly children?: ReactNode
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="empty">
      <p>
        <b>{title}</b>
      </p>
      {children}
    </div>
  )
}
