import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import type { PolicyCheckView, PolicyProblemView } from '../../../../src/server/api/policy-check.ts'
import { plural } from '../../format/number.ts'

interface ProblemsProps {
  readonly check: PolicyCheckView | undefined
  readonly source: string
  readonly named: boolean
  readonly onGo: (line: number, column: number) => void
}

/** What is wrong with it and where, and how its tests end. */
export function Problems({ check, source, named, onGo }: ProblemsProps) {
  if (source.trim() === '')
    return <p className="dim">It is empty. Ctrl+Space in the editor lists the ready-made policies as well.</p>
  if (check === undefined) return <p className="dim">Checking…</p>
  const lines = source.split('\n')
  return (
    <div aria-live="polite" className="stack">
      {check.problems.length === 0 && (
        <p className="row policy-fine">
          <CircleCheck size={16} aria-hidden="true" />
          {named ? 'Nothing is wrong with it.' : 'It needs a name before it can be saved.'}
        </p>
      )}
      {check.problems.length > 0 && (
        <ul className="policy-problems">
          {check.problems.map(problem => (
            <Problem
              key={`${problem.line} ${problem.column} ${problem.message}`}
              problem={problem}
              text={problem.line === undefined ? undefined : lines[problem.line - 1]}
              onGo={onGo}
            />
          ))}
        </ul>
      )}
      <Tests tests={check.tests} />
    </div>
  )
}

function Problem({
  problem: { severity, message, mend, line, column = 1 },
  text,
  onGo,
}: {
  readonly problem: PolicyProblemView
  readonly text: string | undefined
  readonly onGo: (line: number, column: number) => void
}) {
  return (
    <li data-severity={severity}>
      {severity === 'error' ? (
        <CircleX size={15} aria-hidden="true" />
      ) : (
        <TriangleAlert size={15} aria-hidden="true" />
      )}
      <div>
        <p>
          <b>{severity === 'error' ? 'Error' : 'Warning'}</b>
          {line !== undefined && (
            <>
              {' '}
              in{' '}
              <button type="button" className="plain-button link" onClick={() => onGo(line, column)}>
                line {line}, column {column}
              </button>
            </>
          )}
          : {message} {mend !== undefined && <b className="policy-mend">{mend}</b>}
        </p>
        {text !== undefined && (
          <pre className="policy-caret" aria-hidden="true">
            {text}
            {'\n'}
            {' '.repeat(Math.max(0, column - 1))}^
          </pre>
        )}
      </div>
    </li>
  )
}

function Tests({ tests }: { readonly tests: PolicyCheckView['tests'] }) {
  if (tests.length === 0) return null
  const failed = tests.filter(({ passed }) => !passed)
  return (
    <details open={failed.length > 0}>
      <summary>
        {failed.length === 0
          ? `${tests.length === 1 ? 'Its test passes' : `All ${tests.length} tests inside pass`}.`
          : `${plural(failed.length, 'test')} of ${tests.length} inside ${failed.length === 1 ? 'fails' : 'fail'}.`}
      </summary>
      <ul className="policy-tests">
        {tests.map(({ policy, test, passed, expected, actual }) => (
          <li key={`${policy} ${test}`} data-passed={passed}>
            {passed ? <CircleCheck size={14} aria-hidden="true" /> : <CircleX size={14} aria-hidden="true" />}
            <span>
              <span className="visually-hidden">{passed ? 'Passes: ' : 'Fails: '}</span>
              {test}{' '}
              <span className="dim">
                {passed ? `→ ${actual}` : `→ ${actual}, where ${expected} is expected`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
