import { memo } from 'react'
import type { CallView } from '../../../../src/server/api/call.ts'
import type { CallFilter } from '../../format/call-filter.ts'
import { principalName } from '../../format/names.ts'
import { bytes, milliseconds } from '../../format/number.ts'
import { Moment } from '../../parts/moment.tsx'
import { Status } from '../../parts/status.tsx'
import { Pickable } from './pickable.tsx'

interface CallRowProps {
  readonly call: CallView
  readonly active: boolean
  readonly filter: CallFilter
  readonly onFilter: (filter: CallFilter) => void
  readonly onOpen: () => void
}

export const CallRow = memo(function CallRow({ call, active, filter, onFilter, onOpen }: CallRowProps) {
  const pick = { filter, onFilter }
  return (
    <div className="call-row" data-active={active}>
      <span className="call-time">
        <Moment at={call.time} seconds />
      </span>
      <Pickable {...pick} field="status" value={call.status === undefined ? undefined : String(call.status)}>
        <Status status={call.status} />
      </Pickable>
      <span className="call-what">
        <button type="button" className="plain-button call-open" onClick={onOpen} aria-expanded={active}>
          <span className="method">{call.method}</span> <span className="mono">{call.target}</span>
        </button>
        {call.verdict !== undefined && call.verdict.action !== 'allow' && (
          <span className="chip" data-tone="bad">
            {call.verdict.action}
          </span>
        )}
        {call.detectors.length > 0 && (
          <span className="chip call-detectors" data-tone="warn">
            evidence
          </span>
        )}
        {call.detectors.map(detector => (
          <span key={detector} className="chip call-detector" data-tone="warn">
            {detector}
          </span>
        ))}
      </span>
      <Pickable {...pick} field="principal" value={call.principal}>
        <span title={call.principal} className="call-who">
          {principalName(call.principal)}
        </span>
      </Pickable>
      <span className="num dim">{call.durationMs === undefined ? '' : milliseconds(call.durationMs)}</span>
      <span className="num dim">{bytes(call.responseBytes)}</span>
    </div>
  )
})
