import { type ReactNode, useEffect, useRef } from 'react'

interface PageProps {
  /** What the browser's tab says. */
  readonly title: string
  /** Above the sentence: what kind of thing this is. */
  readonly kind?: ReactNode
  /** The page's answer, in words. */
  readonly lead: ReactNode
  readonly sub?: ReactNode
  readonly children?: ReactNode
}

/** Every page opens with a sentence, and puts its pictures after it. */
export function Page({ title, kind, lead, sub, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Sallyport`
  }, [title])
  const heading = useRef<HTMLHeadingElement>(null)
  // Whoever listens to the page hears its sentence first.
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <div className="page">
      <header className="page-head">
        {kind !== undefined && <div className="page-kind">{kind}</div>}
        <h1 className="page-lead" ref={heading} tabIndex={-1}>
          {lead}
        </h1>
        {sub !== undefined && <p className="page-sub">{sub}</p>}
      </header>
      {children}
    </div>
  )
}
