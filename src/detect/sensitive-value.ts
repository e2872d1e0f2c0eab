import { readMask } from '../call/mask.ts'
import { type DataClassDefinition, profileOf } from '../catalog/data-class.ts'
import { standardClasses } from '../catalog/data-classes/registry/standard.ts'
import { memo } from '../kit/memo.ts'

/** What one value of an answer gives away. */
export interface SensitiveValue {
  readonly dataClass: string
  /** 0 to 30, as data classes weigh. */
  readonly sensitivity: number
}

/** Secrets that answers are not meant to hold; tokens and sessions are what a login answers with. */
const heldSecrets = new Set(['password', 'secret', 'private-key', 'api-key', 'pin', 'cvv'])
const secretWeight = 30

/** Whether a field's name and this one value say that it holds sensitive data: the name must say so, and the value pass for it. */
export function sensitiveValue(name: string, value: string): SensitiveValue | undefined {
  if (value === '' || value.length > 512) return undefined
  const mask = readMask(value)
  if (mask !== undefined)
    return heldSecrets.has(mask.what) ? { dataClass: mask.what, sensitivity: secretWeight } : undefined
  const said = saidBy(name)
  if (said.length === 0) return undefined
  const profile = profileOf(value)
  for (const definition of said)
    if (definition.test(profile)) return { dataClass: definition.id, sensitivity: definition.sensitivity }
  return undefined
}

/** The classes that a field's name says. */
const saidBy = memo((name): readonly DataClassDefinition[] => {
  const { named, cues } = standardClasses.planFor(name)
  return named.map(({ definition }) => definition).filter(({ id }) => cues.includes(id))
})
