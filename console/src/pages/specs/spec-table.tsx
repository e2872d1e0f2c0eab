import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import type { SpecView } from '../../../../src/server/api/spec.ts'
import { useFindings } from '../../api/findings.ts'
import { useDeleteSpec } from '../../api/specs.ts'
import { endpointParts, principalName } from '../../format/names.ts'
import { count, listed, plural } from '../../format/number.ts'
import { coveragePath, speaksFor, specCoverage } from '../../format/specs.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'

interface SpecTableProps {
  readonly specs: readonly SpecView[]
  readonly endpoints: readonly EndpointView[]
}

/** Each specification, and what the traffic says of the hosts it is for. */
export function SpecTable({ specs, endpoints }: SpecTableProps) {
  const findings = useFindings('open').data?.pages.flatMap(page => page.items) ?? []
  const remove = useDeleteSpec()
  const mayAct = useMayAct()
  return (
    <>
      {remove.error !== null && <ProblemNote doing="Deleting the specification" error={remove.error} />}
      <table className="table cards">
        <thead>
          <tr>
            <th>Specification</th>
            <th className="num">Operations</th>
            <th className="num">Documented and seen</th>
            <th className="num">Never called</th>
            <th className="num">Undocumented</th>
            <th className="num">Findings</th>
            <th>Given</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {specs.map(spec => {
            const coverage = specCoverage(spec, endpoints)
            const found = findings.filter(({ endpoint }) =>
              speaksFor(spec, endpointParts(endpoint).host),
            ).length
            return (
              <tr key={spec.name}>
                <td data-label="">
                  <div>
                    <b className="spec-name">{spec.title === '' ? spec.name : spec.title}</b>{' '}
                    <span className="dim">{spec.version}</span>
                    <span className="dim spec-line">
                      {spec.name}, {spec.format}
                      {spec.servers.length > 0 && `, ${listed(spec.servers, 2)}`}
                    </span>
                    {spec.problems.length > 0 && <Problems problems={spec.problems} />}
                  </div>
                </td>
                <td data-label="Operations" className="num">
                  {count(spec.operations)}
                </td>
                <Count
                  label="Documented and seen"
                  value={coverage.documented}
                  to={coveragePath(spec, 'documented')}
                />
                <Count label="Never called" value={coverage.orphans} to={coveragePath(spec, 'orphan')} />
                <Count label="Undocumented" value={coverage.undocumented} to={coveragePath(spec, 'shadow')} />
                <Count label="Findings" value={found} to="/findings" />
                <td data-label="Given">
                  <span>
                    <Moment at={spec.updatedAt} />{' '}
                    <span className="dim">by {principalName(spec.updatedBy)}</span>
                  </span>
                </td>
                <td data-label="" className="num">
                  {mayAct && (
                    <Delete
                      name={spec.name}
                      busy={remove.isPending && remove.variables === spec.name}
                      onDelete={() => remove.mutate(spec.name)}
                    />
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {specs.length > 1 && (
        <p className="dim">
          Endpoints and findings are counted by the hosts that a specification names; where two name the same
          host, both count them.
        </p>
      )}
    </>
  )
}

function Count({
  label,
  value,
  to,
}: {
  readonly label: string
  readonly value: number
  readonly to: string
}) {
  return (
    <td data-label={label} className="num">
      {value === 0 ? <span className="dim">0</span> : <Link to={to}>{count(value)}</Link>}
    </td>
  )
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  return (
    <details className="spec-problems">
      <summary>{plural(problems.length, 'place')} could not be read as it stands</summary>
      <ul>
        {problems.map(problem => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </details>
  )
}

interface DeleteProps {
  readonly name: string
  readonly busy: boolean
  readonly onDelete: () => void
}

/** Asks once, in its own place. */
function Delete({ name, busy, onDelete }: DeleteProps) {
  const [sure, setSure] = useState(false)
  return sure ? (
    <span className="row spec-delete">
      <Button size="compact-xs" color="danger" loading={busy} onClick={onDelete} autoFocus>
        Delete {name}
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => setSure(false)}>
        Keep
      </Button>
    </span>
  ) : (
    <Button size="compact-xs" variant="default" onClick={() => setSure(true)}>
      Delete
    </Button>
  )
}
