import { memo } from 'react'
import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { isOpen } from '../../format/endpoint.ts'
import { gravestFirst } from '../../format/grave-classes.ts'
import { inventoryMeaning, inventoryName, inventoryTone } from '../../format/inventory.ts'
import { count } from '../../format/number.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { RiskScore } from '../../parts/risk-score.tsx'

interface EndpointRowProps {
  readonly endpoint: EndpointView
  readonly active: boolean
  readonly specified: boolean
}

export const EndpointRow = memo(function EndpointRow({ endpoint, active, specified }: EndpointRowProps) {
  const classes = gravestFirst([
    ...new Set([...endpoint.dataClasses.response, ...endpoint.dataClasses.request]),
  ])
  const orphan = endpoint.inventory === 'orphan'
  return (
    <div className="api-row" data-active={active} data-specified={specified}>
      <span className="api-name">
        <EndpointLink id={endpoint.id} />
        <span className="dim api-host">
          {endpoint.host}
          {endpoint.labels?.owner !== undefined && ` · ${endpoint.labels.owner.value}`}
        </span>
      </span>
      {specified && <InventoryMark inventory={endpoint.inventory} />}
      <span className="api-auth">
        {!orphan && <Authentication endpoint={endpoint} data={classes.length > 0} />}
      </span>
      <span className="api-data">{classes.length > 0 && <DataClasses classes={classes} most={2} />}</span>
      <span className="num">
        {count(endpoint.calls)}
        <span className="api-unit"> {endpoint.calls === 1 ? 'call' : 'calls'}</span>
      </span>
      <span className="num">{!orphan && <RiskScore score={endpoint.risk.score} />}</span>
    </div>
  )
})

function InventoryMark({ inventory }: { readonly inventory: EndpointView['inventory'] }) {
  const tone = inventoryTone(inventory)
  return (
    <span className="api-kind" title={inventoryMeaning[inventory]}>
      {tone === undefined ? (
        <span className="dim">{inventoryName[inventory]}</span>
      ) : (
        <span className="chip" data-tone={tone}>
          {inventoryName[inventory]}
        </span>
      )}
    </span>
  )
}

function Authentication({ endpoint, data }: { readonly endpoint: EndpointView; readonly data: boolean }) {
  const schemes = endpoint.auth.filter(scheme => scheme !== 'none' && scheme !== 'anonymous')
  return (
    <>
      {isOpen(endpoint) && (
        <span className="chip" data-tone={data ? 'warn' : undefined} title="Answered without any credential">
          none
        </span>
      )}{' '}
      {schemes.join(', ').replaceAll('-', ' ')}
    </>
  )
}
