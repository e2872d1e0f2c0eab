import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import type { PolicyCheckView } from '../../api/types.ts'

export function Problems({
  check,
  named,
}: {
  readonly check: PolicyCheckView | undefined
  readonly named: boolean
}) {
  if (check === undefined) return <p className="dim">Checking…</p>
  if (check.problems.length === 0) {
    return (
      <p className="row policy-fine">
        <CircleCheck size={16} aria-hidden="true" />
        {named ? 'Nothing is wrong with it.' : 'It needs a name before it can be saved.'}
      </p>
    )
  }
  return (
    <ul className="policy-problems" aria-live="polite">
      {check.problems.map(problem => (
        <li key={`${problem.line} ${problem.column} ${problem.message}`} data-severity={problem.severity}>
          {problem.severity === 'error' ? (
            <CircleX size={15} aria-hidden="true" />
          ) : (
            <TriangleAlert size={15} aria-hidden="true" />
          )}
          <span>
            <b>{problem.severity === 'error' ? 'Error' : 'Warning'}</b>
            {problem.line !== undefined && ` in line ${problem.line}`}: {problem.message}{' '}
            {problem.mend !== undefined && <span className="dim">{problem.mend}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
