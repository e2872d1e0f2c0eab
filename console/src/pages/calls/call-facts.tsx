import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { CallView } from '../../../../src/server/api/call.ts'
import type { CallFilter, FilterField } from '../../format/call-filter.ts'
import { words } from '../../format/names.ts'
import { bytes, milliseconds } from '../../format/number.ts'
import { detectorPath } from '../../format/paths.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { NodeLink } from '../../parts/node-link.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Status } from '../../parts/status.tsx'
import { Pickable } from './pickable.tsx'

interface CallFactsProps {
  readonly call: CallView
  readonly filter: CallFilter
  readonly onFilter: (filter: CallFilter) => void
}

/** Everything known of a call besides its messages; each value can be asked for or left out. */
export function CallFacts({ call, filter, onFilter }: CallFactsProps) {
  const line = (label: string, field: FilterField, value: string | undefined, shown: ReactNode): ReactNode =>
    value === undefined ? null : (
      <>
        <dt>{label}</dt>
        <dd>
          <Pickable field={field} value={value} filter={filter} onFilter={onFilter}>
            {shown}
          </Pickable>
        </dd>
      </>
    )
  return (
    <>
      <p className="mono call-panel-title">
        <b>{call.method}</b> {call.target}
      </p>
      <dl className="facts call-facts">
        <dt>Time</dt>
        <dd>
          <Moment at={call.time} seconds withAgo />
          {call.durationMs !== undefined && (
            <span className="dim"> took {milliseconds(call.durationMs)}</span>
          )}
        </dd>
        {line(
          'Status',
          'status',
          call.status === undefined ? undefined : String(call.status),
          <Status status={call.status} />,
        )}
        {line('Principal', 'principal', call.principal, <PrincipalLink id={call.principal} kind />)}
        {line('Tenant', 'tenant', call.tenant, call.tenant)}
        {line('Endpoint', 'endpoint', call.endpoint, <EndpointLink id={call.endpoint} />)}
        {line('Host', 'host', call.host, <span className="mono">{call.host}</span>)}
        {line('Answered by', 'workload', call.workload, <NodeLink id={`workload:${call.workload}`} />)}
        {line(
          'Called by',
          'workload',
          call.callerWorkload,
          <NodeLink id={`workload:${call.callerWorkload}`} />,
        )}
        {line('Address', 'ip', call.ip, <span className="mono">{call.ip}</span>)}
        {call.userAgent !== undefined && (
          <>
            <dt>Client</dt>
            <dd>{call.userAgent}</dd>
          </>
        )}
        <dt>Sizes</dt>
        <dd>
          {bytes(call.requestBytes)} asked, {bytes(call.responseBytes)} answered
        </dd>
        {call.detectors.map(detector => (
          <Fact key={detector} title="Evidence of">
            <Link to={detectorPath(detector)}>{words(detector)}</Link>
          </Fact>
        ))}
        {call.verdict !== undefined && (
          <Fact title="Verdict">
            {call.verdict.action}
            {call.verdict.policy !== undefined && ` by ${call.verdict.policy}`}{' '}
            <span className="dim mono">{call.verdict.decisionId}</span>
          </Fact>
        )}
        {call.credentials?.map(credential => (
          <Fact key={credential.fingerprint} title="Credential">
            {credential.scheme} at {credential.at}, {credential.verification}
            <br />
            <span className="mono dim">{credential.fingerprint}</span>
            {credential.claims !== undefined && (
              <pre className="claims">{JSON.stringify(credential.claims, undefined, 1)}</pre>
            )}
          </Fact>
        ))}
        <Fact title="Id">
          <span className="mono">{call.id}</span>
        </Fact>
      </dl>
    </>
  )
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  )
}
