import { CircleCheck, TriangleAlert } from 'lucide-react'
import { Link } from 'react-router'
import type { SimulationView } from '../../../../src/server/api/simulation.ts'
import { actionDone } from '../../format/decisions.ts'
import { count, plural } from '../../format/number.ts'
import { callsPath, incidentPath } from '../../format/paths.ts'
import { benignTouched, simulationSentence } from '../../format/simulation.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'

type Touched = SimulationView['benign']

const mostRows = 12
const mostIncidents = 5

/** What a simulation found, the danger first. */
export function SimulationResult({ simulation }: { readonly simulation: SimulationView }) {
  const benign = benignTouched(simulation)
  const { attacks, matched, calls, principals, endpoints } = simulation
  return (
    <div className="simulation" data-danger={benign > 0} aria-live="polite">
      <p className="simulation-sentence">{simulationSentence(simulation)}</p>
      {simulation.truncated && (
        <p className="dim">There were more calls in this time than are read at once: the newest were.</p>
      )}
      {simulation.errors > 0 && (
        <p className="row simulation-warning">
          <TriangleAlert size={15} aria-hidden="true" />
          Its condition failed on {plural(simulation.errors, 'call')}: what it reads was not there.
        </p>
      )}
      {calls > 0 && (
        <p className="row" data-danger={benign > 0}>
          {benign > 0 ? (
            <TriangleAlert size={16} aria-hidden="true" className="simulation-bad" />
          ) : (
            <CircleCheck size={16} aria-hidden="true" className="simulation-good" />
          )}
          {benign > 0 ? (
            <b>
              {plural(benign, 'benign call')} of {plural(simulation.benign.principals, 'caller')} would have
              been {simulation.benign.stopped > 0 ? 'stopped' : 'changed'}: look at them before it acts.
            </b>
          ) : (
            <span>No benign call is touched, of {plural(simulation.benign.calls, 'benign call')}.</span>
          )}
        </p>
      )}
      {attacks.calls > 0 && (
        <>
          <p>
            Known attacks: it stops {count(attacks.stopped)} of {plural(attacks.calls, 'call')}
            {attacks.missed > 0 ? ` and misses ${count(attacks.missed)}` : ''}.
          </p>
          <ul className="simulation-incidents">
            {attacks.incidents.slice(0, mostIncidents).map(({ incident, calls: its, stopped }) => (
              <li key={incident}>
                <Link to={incidentPath(incident)}>incident {incident.slice(0, 8)}</Link>: {count(stopped)} of{' '}
                {count(its)} stopped
              </li>
            ))}
            {attacks.incidents.length > mostIncidents && (
              <li className="dim">and {count(attacks.incidents.length - mostIncidents)} more incidents</li>
            )}
          </ul>
          {attacks.missedExamples.length > 0 && (
            <Samples title="Attack calls it misses" examples={attacks.missedExamples} />
          )}
        </>
      )}
      {benign > 0 && (
        <Samples title="Benign calls it would touch" examples={simulation.benign.examples} open />
      )}
      {matched > 0 && (
        <div className="columns">
          <Table
            title="Caller"
            rows={principals.slice(0, mostRows).map(({ principal, calls: its, inIncident }) => ({
              key: principal,
              what: (
                <>
                  <PrincipalLink id={principal} kind />{' '}
                  {inIncident ? (
                    <span className="dim">of an incident</span>
                  ) : (
                    <span className="chip" data-tone="warn">
                      in no incident
                    </span>
                  )}
                </>
              ),
              calls: its,
            }))}
            more={principals.length - mostRows}
          />
          <Table
            title="Endpoint"
            rows={endpoints.slice(0, mostRows).map(({ endpoint, calls: its }) => ({
              key: endpoint,
              what: <EndpointLink id={endpoint} />,
              calls: its,
            }))}
            more={endpoints.length - mostRows}
          />
        </div>
      )}
      {matched > 0 && <Samples title="Calls it would have acted on" examples={samplesOf(simulation)} />}
    </div>
  )
}

const samplesOf = ({ attacks, suspect, other }: SimulationView): Touched['examples'] =>
  [...attacks.examples, ...suspect.examples, ...other.examples].slice(0, 20)

function Table({
  title,
  rows,
  more,
}: {
  readonly title: string
  readonly rows: readonly { readonly key: string; readonly what: React.ReactNode; readonly calls: number }[]
  readonly more: number
}) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{title}</th>
          <th className="num">Calls</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, what, calls }) => (
          <tr key={key}>
            <td>{what}</td>
            <td className="num">{count(calls)}</td>
          </tr>
        ))}
        {more > 0 && (
          <tr>
            <td className="dim" colSpan={2}>
              and {count(more)} more
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}

function Samples({
  title,
  examples,
  open = false,
}: {
  readonly title: string
  readonly examples: Touched['examples']
  readonly open?: boolean
}) {
  if (examples.length === 0) return null
  const ids = examples.map(({ call }) => call).join(',')
  return (
    <details open={open}>
      <summary>
        {title} <span className="dim">({plural(examples.length, 'example')})</span>
      </summary>
      <table className="table cards">
        <thead>
          <tr>
            <th>Time</th>
            <th>Caller</th>
            <th>Endpoint</th>
            <th>Was answered</th>
            <th>Would be</th>
            <th>Call</th>
          </tr>
        </thead>
        <tbody>
          {examples.map(({ call, time, principal, endpoint, status, action }) => (
            <tr key={call}>
              <td data-label="Time">
                <Moment at={time} seconds />
              </td>
              <td data-label="Caller">
                <PrincipalLink id={principal} />
              </td>
              <td data-label="Endpoint">
                <EndpointLink id={endpoint} />
              </td>
              <td data-label="Was answered">{status ?? <span className="dim">not at all</span>}</td>
              <td data-label="Would be">{action === undefined ? 'left alone' : actionDone(action)}</td>
              <td data-label="Call">
                <Link to={callsPath({ ids: call, range: 'all', call })}>open</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <Link to={callsPath({ ids, range: 'all' })}>Look at all of them in the calls</Link>
      </p>
    </details>
  )
}
