import { memo } from 'react'
import type { ChangeView } from '../../../../src/server/api/change.ts'
import { changeDetail, changeTitles } from '../../format/changes.ts'
import { gravestFirst } from '../../format/grave-classes.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'

interface ChangeRowProps {
  readonly change: ChangeView
  /** Since the reader's last visit. */
  readonly isNew: boolean
}

export const ChangeRow = memo(function ChangeRow({ change, isNew }: ChangeRowProps) {
  const { name, text } = changeDetail(change)
  return (
    <li className="change">
      <span className="dim change-time">
        <Moment at={change.time} />
      </span>
      <span className="change-kind" data-grave={change.kind === 'auth-removed-once'}>
        {changeTitles[change.kind]}{' '}
        {isNew && (
          <span className="chip change-new" title="Since your last visit">
            new
          </span>
        )}
      </span>
      <span className="change-what">
        <EndpointLink id={change.endpoint} host />
        {(name !== undefined || text !== '') && (
          <span className="dim">
            {name !== undefined && <code>{name}</code>} {text}
          </span>
        )}
      </span>
      <span className="change-data">
        {change.sensitive && <DataClasses classes={gravestFirst(change.dataClasses)} most={3} />}
      </span>
    </li>
  )
})
