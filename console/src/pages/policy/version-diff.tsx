import { type DiffLine, lineDiff } from '../../format/line-diff.ts'
import { count } from '../../format/number.ts'

interface VersionDiffProps {
  /** Absent of the first version. */
  readonly before: string | undefined
  readonly after: string
  readonly open?: boolean
}

/** Lines shown around each change. */
const around = 2

const marks = { same: ' ', added: '+', removed: '-' } as const
const spoken = { same: '', added: 'added: ', removed: 'removed: ' } as const

/** What changed from one version to the next, line by line. */
export function VersionDiff({ before, after, open = false }: VersionDiffProps) {
  const lines = before === undefined ? undefined : lineDiff(before, after)
  const changed = lines?.filter(({ kind }) => kind !== 'same') ?? []
  if (lines !== undefined && changed.length === 0) return <p className="dim">The text is the same.</p>
  const added = changed.filter(({ kind }) => kind === 'added').length
  return (
    <details className="version-diff" open={open}>
      <summary>
        {lines === undefined
          ? 'Its first text'
          : `${count(added)} ${added === 1 ? 'line' : 'lines'} added, ${count(changed.length - added)} removed`}
      </summary>
      <pre>
        {(lines === undefined ? after.split('\n').map(asIs) : near(lines)).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that does not change.
          <span key={index} className="diff-line" data-kind={line?.kind ?? 'gap'}>
            {line === undefined ? (
              '…\n'
            ) : (
              <>
                <span className="visually-hidden">{spoken[line.kind]}</span>
                {`${marks[line.kind]} ${line.text}\n`}
              </>
            )}
          </span>
        ))}
      </pre>
    </details>
  )
}

const asIs = (text: string, index: number): DiffLine => ({ kind: 'same', text, line: index + 1 })

/** Changed lines with those around them; what is left out between is one gap. */
function near(lines: readonly DiffLine[]): readonly (DiffLine | undefined)[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  )
  return lines.flatMap((line, index) => {
    if (isNear[index] === true) return [line]
    return isNear[index - 1] === true || index === 0 ? [undefined] : []
  })
}
