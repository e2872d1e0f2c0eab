import type { OwnerBinding } from '../../baseline/owner-binding.ts'
import type { DataClassGroup } from '../../catalog/data-class.ts'
import type { ClassRegistry } from '../../catalog/data-classes/registry/class-registry.ts'
import type { DataField, Endpoint } from '../../catalog/endpoint.ts'
import type { EndpointDetailView, EndpointView } from '../api/endpoint.ts'
import type { FindingView } from '../api/finding.ts'
import type { SignalView } from '../api/signal.ts'
import type { EndpointFacts } from '../backend.ts'
import { optional } from './optional.ts'
import { stamp } from './stamp.ts'

/** As in a list. */
export function endpointViewOf(endpoint: Endpoint): EndpointView {
  const { id, protocol, host, method, template, calls, statuses, auth, dataClasses } = endpoint
  return {
    id,
    protocol,
    host,
    method,
    template,
    calls,
    statuses,
    firstSeen: stamp(endpoint.firstSeen),
    lastSeen: stamp(endpoint.lastSeen),
    auth,
    dataClasses,
    exposure: endpoint.exposure,
    inventory: endpoint.inventory,
    criticality: endpoint.criticality,
    risk: endpoint.risk,
    ...optional('labels', endpoint.labels),
    ...optional('workloads', endpoint.workloads),
  }
}

const mostCallers = 20

/** One endpoint in full. @param more What others say of it, and the classes that its fields are grouped by. */
export function endpointDetailViewOf(
  { endpoint, callers, owners }: EndpointFacts,
  more: {
    readonly signals: readonly SignalView[]
    readonly findings: readonly FindingView[]
    readonly classes: ClassRegistry
  },
): EndpointDetailView {
  return {
    ...endpointViewOf(endpoint),
    fields: endpoint.fields,
    dataMap: dataMapOf(endpoint, more.classes),
    ...optional('requestSchema', endpoint.requestSchema),
    responseSchemas: endpoint.responseSchemas,
    ...optional('messages', endpoint.messages),
    callers: [...callers]
      .sort((a, b) => b.calls - a.calls)
      .slice(0, mostCallers)
      .map(caller => ({
        principal: caller.principal,
        calls: caller.calls,
        refused: caller.refused,
        lastSeen: stamp(caller.lastSeen),
      })),
    owners: owners.map(ownerOf),
    signals: more.signals,
    findings: more.findings,
  }
}

const groupOrder: readonly DataClassGroup[] = ['pci', 'phi', 'secret', 'pii']

/** Fields by the group of their class, then by class, side and name. A class that is no longer known is of the last group. */
function dataMapOf({ fields }: Endpoint, classes: ClassRegistry): EndpointDetailView['dataMap'] {
  const keyOf = ({ dataClass: id, side, field }: DataField): string => `${id}\0${side}\0${field}`
  return fields
    .map(field => ({ ...field, group: classes.get(field.dataClass)?.group ?? ('pii' as const) }))
    .sort(
      (a, b) => groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group) || (keyOf(a) < keyOf(b) ? -1 : 1),
    )
}

const ownerOf = ({ scope, field, claim, seen, agreement }: OwnerBinding) => ({
  scope,
  field,
  claim,
  seen,
  agreement,
})
