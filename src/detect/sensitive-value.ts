import { type Leaf, memoPlace, type Place } from '../baseline/fields.ts'
import { readMask } from '../call/mask.ts'
import { type DataClassDefinition, profileOf } from '../catalog/data-class.ts'
import { standardClasses } from '../catalog/data-classes/registry/standard.ts'

/** What one value of an answer gives away. */
export interface SensitiveValue {
  readonly dataClass: string
  /** 0 to 30, as data classes weigh. */
  readonly sensitivity: number
  /** The value alone says so: its check digits do, whatever the field is called. One in thirty of random numbers passes. */
  readonly byValue?: true
}

/** Secrets that answers are not meant to hold; tokens and sessions are what a login answers with. */
const heldSecrets = new Set(['password', 'secret', 'private-key', 'api-key', 'pin', 'cvv'])
const secretWeight = 30

/** Classes whose values have a form and check digits of their own, by what the form looks like at a glance. */
const selfEvident: readonly (readonly [RegExp, string])[] = [
  [/^[A-Z]{2}\d{2} ?[A-Z0-9]{4}/, 'iban'],
  [/^\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}$/, 'payment-card'],
]

/**
 * Whether a field's name and this one value say that it holds sensitive data: the name must say so, and the value pass for it, or the
 * value must prove itself. Names of identifiers do not: their numbers are random.
 */
export function sensitiveLeaf({ place, value }: Leaf): SensitiveValue | undefined {
  if (value === '' || value.length > 512) return undefined
  const mask = readMask(value)
  if (mask !== undefined)
    return heldSecrets.has(mask.what) ? { dataClass: mask.what, sensitivity: secretWeight } : undefined
  const said = saidAt(place)
  const name = nameOf(place)
  if (said.length === 0) return provenValue(name, value)
  const profile = profileOf(value)
  for (const definition of said)
    if (definition.test(profile)) return { dataClass: definition.id, sensitivity: definition.sensitivity }
  return provenValue(name, value)
}

const identifierName = /(?:^|[a-z_-])(?:ids?|Ids?|ID|ref|key|uuid)$/

function provenValue(name: string, value: string): SensitiveValue | undefined {
  if (value.length < 13 || value.length > 42 || !isDigit(value, 2) || !isDigit(value, 3)) return undefined
  for (const [form, id] of selfEvident) {
    if (!form.test(value) || identifierName.test(name)) continue
    const definition = standardClasses.get(id)
    if (definition?.test(profileOf(value)) === true)
      return { dataClass: id, sensitivity: definition.sensitivity, byValue: true }
  }
  return undefined
}

/** All of these forms have digits there. */
function isDigit(value: string, at: number): boolean {
  const code = value.charCodeAt(at)
  return code >= 48 && code <= 57
}

/** What an element of a list stands under is what the list is called. */
const nameOf = ({ key, parent }: Place): string => (key === '' ? parent : key)

/** The classes that a place's name says. */
const saidAt = memoPlace((place): readonly DataClassDefinition[] => {
  const { named, cues } = standardClasses.planFor(nameOf(place))
  return named.map(({ definition }) => definition).filter(({ id }) => cues.includes(id))
})
