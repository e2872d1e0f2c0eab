import { graveClasses } from '../format/grave-classes.ts'
import { dataClassName } from '../format/names.ts'

export function DataClasses({
  classes,
  most = 6,
}: {
  readonly classes: readonly string[]
  readonly most?: number
}) {
  if (classes.length === 0) return <span className="dim">none recognised</span>
  const rest = classes.length - most
  return (
    <span className="row" style={{ gap: 4 }}>
      {classes.slice(0, most).map(name => (
        <span key={name} className="chip" data-tone={graveClasses.has(name) ? 'warn' : undefined}>
          {dataClassName(name)}
        </span>
      ))}
      {rest > 0 && (
        <span className="dim" title={classes.slice(most).join(', ')}>
          + {rest}
        </span>
      )}
    </span>
  )
}
