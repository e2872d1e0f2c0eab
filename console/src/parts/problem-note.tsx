import { Button } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiProblem } from '../api/problem.ts'

interface ProblemNoteProps {
  /** What was being done: `Loading the incidents`. */
  readonly doing: string
  readonly error: Error
  readonly onRetry?: (() => void) | undefined
  /** What else there is to know: what is kept, what is shown all the same. */
  readonly children?: ReactNode
}

/** Says what failed, why and what to do about it. */
export function ProblemNote({ doing, error, onRetry, children }: ProblemNoteProps) {
  const problem = error instanceof ApiProblem ? error : undefined
  return (
    <div className="problem" role="alert">
      <p className="problem-title">{doing} failed.</p>
      <p>
        {error.message}
        {problem?.where !== undefined && <span className="mono"> ({problem.where})</span>}
      </p>
      {problem?.mend !== undefined && <p>{problem.mend}</p>}
      {children}
      {onRetry !== undefined && (
        <Button size="xs" variant="default" leftSection={<RotateCcw size={14} />} onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  )
}
