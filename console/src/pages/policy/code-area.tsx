import { useRef } from 'react'
import type { PolicyCheckView } from '../../api/types.ts'

interface CodeAreaProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly problems: PolicyCheckView['problems']
  readonly onSave: () => void
}

/** A text area with line numbers; lines with a problem are marked. Tab leaves it, as the keyboard expects. */
export function CodeArea({ label, value, onChange, problems, onSave }: CodeAreaProps) {
  const gutter = useRef<HTMLDivElement>(null)
  const lines = value.split('\n').length
  const marked = new Map(
    problems.flatMap(problem =>
      problem.line === undefined ? [] : [[problem.line, problem.severity] as const],
    ),
  )
  return (
    <div className="code-area">
      <div className="code-gutter mono" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: line numbers are indices.
          <span key={index} data-problem={marked.get(index + 1)}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        className="code-text mono"
        aria-label={label}
        value={value}
        rows={Math.max(16, lines + 1)}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={event => onChange(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 's' || !(event.metaKey || event.ctrlKey)) return
          event.preventDefault()
          onSave()
        }}
      />
    </div>
  )
}
