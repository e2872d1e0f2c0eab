import type { DataClassGroup } from '../catalog/data-class.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { FlowStep } from '../catalog/ownership/labels.ts'

/** What an endpoint is worth to whoever owns it. */
export interface Asset {
  /** 0.5 to 2: exposure × data × criticality. */
  readonly factor: number
  /** Business flows that it is a step of. */
  readonly flows: readonly FlowStep[]
}

const exposures: Readonly<Record<Endpoint['exposure'], number>> = {
  external: 1.15,
  internal: 0.8,
  unknown: 1,
}
const groups: Readonly<Record<DataClassGroup, number>> = { secret: 1.4, pci: 1.4, phi: 1.4, pii: 1.2 }
const criticalities: Readonly<Record<string, number>> = {
  admin: 1.3,
  payment: 1.3,
  authentication: 1.2,
  export: 1.2,
  'personal-data': 1.1,
}

/** @param groupOf The group of a data class; undefined for one that is not known. */
export function assetOf(
  { exposure, dataClasses, criticality, labels }: Endpoint,
  groupOf: (dataClass: string) => DataClassGroup | undefined,
): Asset {
  let data = 0.9
  for (const dataClass of dataClasses.response) {
    const group = groupOf(dataClass)
    data = Math.max(data, group === undefined ? 1 : groups[group])
  }
  const factor = exposures[exposure] * data * (criticalities[criticality] ?? 1)
  return { factor: Math.min(2, Math.max(0.5, Math.round(100 * factor) / 100)), flows: labels?.flows ?? [] }
}
