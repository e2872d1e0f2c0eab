import { memo } from 'react'
import type { EndpointView } from '../../api/types.ts'
import { isOpen } from '../../format/endpoint.ts'
import { inventoryMeaning, inventoryTone } from '../../format/inventory.ts'
import { count } from '../../format/number.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { RiskScore } from '../../parts/risk-score.tsx'

interface EndpointRowProps {
  readonly endpoint: EndpointView
  readonly active: boolean
}

export const EndpointRow = memo(function EndpointRow({ endpoint, active }: EndpointRowProps) {
  const classes = [...new Set([...endpoint.dataClasses.response, ...endpoint.dataClasses.request])]
  const schemes = endpoint.auth.filter(scheme => scheme !== 'none' && scheme !== 'anonymous')
  return (
    <div className="api-row" data-active={active}>
      <span className="api-name">
        <EndpointLink id={endpoint.id} />
        <span className="dim api-host">{endpoint.host}</span>
      </span>
      <span className="api-kind">
        {endpoint.inventory === 'unknown' ? (
          <span className="dim" title={inventoryMeaning.unknown}>
            –
          </span>
        ) : (
          <span
            className="chip"
            data-tone={inventoryTone(endpoint.inventory)}
            title={inventoryMeaning[endpoint.inventory]}
          >
            {endpoint.inventory}
          </span>
        )}
      </span>
      <span className="api-auth">
        {isOpen(endpoint) && (
          <span className="chip" data-tone={classes.length > 0 ? 'warn' : undefined}>
            none
          </span>
        )}{' '}
        {schemes.join(', ').replaceAll('-', ' ')}
      </span>
      <span className="api-data">{classes.length > 0 && <DataClasses classes={classes} most={2} />}</span>
      <span className="num">
        {count(endpoint.calls)}
        <span className="api-unit"> calls</span>
      </span>
      <span className="num">
        <RiskScore score={endpoint.risk.score} />
      </span>
    </div>
  )
})
