import { Button } from '@mantine/core'
import { ApiProblem } from '../../api/problem.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

interface SaveProblemProps {
  readonly error: Error
  readonly onRetry: () => void
  readonly onReload: () => void
}

/** A refusal because someone else was faster gets a way on; what was typed stays. */
export function SaveProblem({ error, onRetry, onReload }: SaveProblemProps) {
  const raced = error instanceof ApiProblem && (error.status === 412 || error.status === 409)
  if (!raced)
    return (
      <ProblemNote doing="Saving" error={error} onRetry={onRetry}>
        <p>Your text is still here; this tab keeps it until it is saved.</p>
      </ProblemNote>
    )
  return (
    <div className="problem" role="alert">
      <p className="problem-title">
        Not saved: someone changed this policy, or one of that name exists, since you opened it.
      </p>
      <p>Your text is still here. Copy what you need, then load the stored version.</p>
      <Button size="xs" variant="default" onClick={onReload}>
        Load the stored version
      </Button>
    </div>
  )
}
