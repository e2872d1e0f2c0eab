export type DataClassGroup = 'pii' | 'pci' | 'phi' | 'secret'

/** What all validators want to know of a value, worked out once. */
export interface ValueProfile {
  readonly text: string
  readonly digits: number
  readonly letters: number
  /** Letters and digits, everything else taken out; at most 64 characters. */
  readonly bare: string
}

/**
 * A class of sensitive data. `test` looks at one value; the field-level classifier adds the answers up, because one
 * random number in ten passes a check digit.
 */
export interface DataClassDefinition {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  readonly group: DataClassGroup
  /** Points the class adds to an endpoint's risk, 0 to 30. */
  readonly sensitivity: number
  /** Words in a field's name that speak for it; compared word by word in lower case, `a b` needs both in a row. */
  readonly names: readonly string[]
  /** True where values alone say nothing: without a name that hints, the class is not considered. */
  readonly needsName: boolean
  /** Share of unrelated values of the same outer form that pass `test` by chance. */
  readonly chance: number
  /** Share of true values that pass. */
  readonly recall: number
  /** True where one value settles it. */
  readonly immediate: boolean
  test(value: ValueProfile): boolean
  readonly examples: { readonly matches: readonly string[]; readonly rejects: readonly string[] }
}

/** Declares a data class, with the defaults of the common case filled in. */
export function defineDataClass(
  definition: Omit<DataClassDefinition, 'needsName' | 'recall' | 'immediate'> &
    Partial<Pick<DataClassDefinition, 'needsName' | 'recall' | 'immediate'>>,
): DataClassDefinition {
  return { needsName: false, recall: 0.99, immediate: false, ...definition }
}

export function profileOf(text: string): ValueProfile {
  let digits = 0
  let letters = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) digits += 1
    else if ((code | 32) >= 97 && (code | 32) <= 122) letters += 1
  }
  const plain = digits + letters
  const bare =
    plain === text.length ? text : plain <= 64 && text.length <= 256 ? text.replace(/[^0-9A-Za-z]/g, '') : ''
  return { text, digits, letters, bare }
}
