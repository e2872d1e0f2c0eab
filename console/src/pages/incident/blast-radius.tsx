import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { money } from '../../format/money.ts'
import { count, listed } from '../../format/number.ts'

/** What came back, in figures: of whom, from where, and what it is worth. */
export function BlastRadius({ incident }: { readonly incident: IncidentDetailView }) {
  const reach = incident.blastRadius
  const figures: readonly (readonly [number, string, string])[] =
    reach === undefined
      ? []
      : [
          [reach.objects, 'object', ''],
          [reach.records, 'record', ''],
          [reach.dataClasses.length, 'class of data', 'classes of data'],
          [reach.tenants.length, 'tenant', ''],
          [reach.endpoints.length, 'endpoint', ''],
        ]
  const shown = figures.filter(([number]) => number > 0)
  if (shown.length === 0 && incident.atStake === undefined) return null
  return (
    <>
      <div className="figures">
        {shown.map(([number, one, many]) => (
          <div key={one} className="figure">
            <b>{count(number)}</b>
            <span>{number === 1 ? one : many || `${one}s`}</span>
          </div>
        ))}
        {incident.atStake !== undefined && (
          <div className="figure">
            <b>{money(incident.atStake)}</b>
            <span>at stake</span>
          </div>
        )}
      </div>
      {reach !== undefined && reach.tenants.length > 1 && (
        <p className="dim blast-tenants">Tenants: {listed(reach.tenants, 8)}</p>
      )}
    </>
  )
}
