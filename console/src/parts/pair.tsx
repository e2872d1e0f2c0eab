import './pair.css'

interface PairProps {
  /** Says the same in words. */
  readonly caption: string
  readonly rows: readonly {
    readonly who: string
    readonly of: 'observed' | 'expected'
    readonly value: number
    readonly text: string
  }[]
  /** What fills the track; the largest value where it is not given. */
  readonly whole?: number
}

/** Two bars on one scale under a caption. */
export function Pair({ caption, rows, whole }: PairProps) {
  const most = Math.max(whole ?? 0, ...rows.map(({ value }) => value), 1e-9)
  return (
    <figure className="pair">
      <figcaption>{caption}</figcaption>
      {rows.map(row => (
        <div key={row.who} className="pair-row">
          <span>{row.who}</span>
          <span className="pair-track" data-whole={whole !== undefined} aria-hidden="true">
            <i data-of={row.of} style={{ width: `${Math.max(0.4, (row.value / most) * 100)}%` }} />
          </span>
          <b>{row.text}</b>
        </div>
      ))}
    </figure>
  )
}
