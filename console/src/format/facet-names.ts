import { dataGroupName } from './data-groups.ts'
import { type Facet, nobody } from './endpoint-filter.ts'
import { inventoryMeaning, inventoryName } from './inventory.ts'
import { dataClassName, words } from './names.ts'
import { protocolName } from './protocols.ts'

export const facetTitles: Readonly<Record<Facet, string>> = {
  inventory: 'Specification',
  dataGroup: 'Kind of data',
  dataClass: 'Data',
  auth: 'Authentication',
  exposure: 'Exposure',
  criticality: 'What for',
  protocol: 'Protocol',
  owner: 'Owner',
  group: 'Group',
  environment: 'Environment',
  tag: 'Tag',
  method: 'Method',
  host: 'Host',
}

/** A facet's value as people say it. What the traffic or a person has named stays as it is. */
export function facetLabel(facet: Facet, value: string): string {
  switch (facet) {
    case 'inventory':
      return inventoryName[value as keyof typeof inventoryName] ?? value
    case 'dataGroup':
      return dataGroupName(value)
    case 'dataClass':
      return dataClassName(value)
    case 'auth':
    case 'criticality':
      return words(value)
    case 'protocol':
      return protocolName(value)
    case 'exposure':
      return value === 'unknown' ? 'not known' : value
    case 'owner':
      return value === nobody ? 'nobody named' : value
    default:
      return value
  }
}

/** What a value means, on hover. */
export function facetMeaning(facet: Facet, value: string): string {
  if (facet === 'inventory') return inventoryMeaning[value as keyof typeof inventoryMeaning] ?? value
  if (facet === 'auth' && value === 'none') return 'Answered without any credential'
  if (facet === 'owner' && value === nobody)
    return 'No person, rule, specification or workload names an owner'
  return value
}
