import { memo } from 'react'
import type { ChangeView } from '../../api/types.ts'
import { changeDetail, changeTitles } from '../../format/changes.ts'
import { gravestFirst } from '../../format/grave-classes.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'

export const ChangeRow = memo(function ChangeRow({ change }: { readonly change: ChangeView }) {
  const { name, text } = changeDetail(change)
  return (
    <li className="change">
      <span className="dim change-time">
        <Moment at={change.time} />
      </span>
      <span className="change-kind" data-grave={change.kind === 'auth-removed-once'}>
        {changeTitles[change.kind]}
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
