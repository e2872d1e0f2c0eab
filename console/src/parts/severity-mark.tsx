import type { Severity } from '../../../src/kit/severity.ts'

/** A shape for each severity, so that colour is never the only thing that tells them apart. */
const shapes: Readonly<Record<Severity, string>> = {
  critical: 'M4 .5h6L13.5 4v6L10 13.5H4L.5 10V4z',
  high: 'M7 1 13.5 12.5H.5z',
  medium: 'M7 .5 13.5 7 7 13.5.5 7z',
  low: 'M2 2h10v10H2z',
  info: 'M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2z',
}

export function SeverityMark({
  severity,
  bare = false,
}: {
  readonly severity: Severity
  readonly bare?: boolean
}) {
  const solid = severity === 'critical' || severity === 'high'
  return (
    <span className="severity" data-severity={severity} title={bare ? severity : undefined}>
      <svg width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
        <path
          d={shapes[severity]}
          fill={solid ? 'currentColor' : 'none'}
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      </svg>
      <span className={bare ? 'visually-hidden' : undefined}>{severity}</span>
    </span>
  )
}
