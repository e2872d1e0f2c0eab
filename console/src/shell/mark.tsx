/** The postern of a castle: a small strong gate to go out by. */
export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M7 27V14a9 9 0 0 1 18 0v13"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="3.4"
        strokeLinecap="round"
      />
      <path d="M16 15v12M11.8 18v9M20.2 18v9" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
    </svg>
  )
}
