export type DataClassGroup = 'pii' | 'pci' | 'phi' | 'secret'

/** Outer form of a value, by which most classes can be left out without a look. */
export type ValueShape = 'digits' | 'code' | 'text'

/** What all validators want to know of a value, worked out once. */
export interface ValueProfile {
  readonly text: string
  readonly digits: number
  readonly letters: number
  /** Letters and digits, everything else taken out; at most 64 characters. */
  readonly bare: string
}

/** How a class is told where the field's name says nothing: stricter, or weighed differently. */
export interface BlindTest {
  readonly test?: (value: ValueProfile) => boolean
  readonly chance?: number
  readonly recall?: number
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
  /** Whole names that speak for it only beside a neighbour that does: `name` beside `email`. */
  readonly weakNames?: readonly string[]
  /** What speaks for it in the names of sibling fields: ids of classes they hint at, or words of `cueWords`. */
  readonly neighbours?: readonly string[]
  /** Neighbours beside which `weakNames` say nothing: `name` beside `sku` is what goods are called. */
  readonly strangers?: readonly string[]
  /** Words that rule it out where a field's name holds one: `version` is no address of a machine. */
  readonly never?: readonly string[]
  /** True where values alone say nothing: without a name that hints, the class is not considered. */
  readonly needsName: boolean
  /** Share of unrelated values of the same outer form that pass `test` by chance. */
  readonly chance: number
  /** Share of true values that pass. */
  readonly recall: number
  /** Where the name does not hint; not for classes that need a name. */
  readonly blind?: BlindTest
  /** True where one value settles it. */
  readonly immediate: boolean
  /** Distinct values needed besides the odds. */
  readonly distinct: number
  /** Outer forms and lengths of its values; others are misses without a test. */
  readonly shapes: readonly ValueShape[]
  readonly lengths: readonly [least: number, most: number]
  test(value: ValueProfile): boolean
  /** Published examples and reserved values, which are no one's: they neither speak for the class nor against it. */
  readonly testValue?: (value: ValueProfile) => boolean
  readonly examples: { readonly matches: readonly string[]; readonly rejects: readonly string[] }
}

type Defaulted = 'needsName' | 'recall' | 'immediate' | 'distinct' | 'shapes' | 'lengths'

/** Declares a data class, with the defaults of the common case filled in. */
export function defineDataClass(
  definition: Omit<DataClassDefinition, Defaulted> & Partial<Pick<DataClassDefinition, Defaulted>>,
): DataClassDefinition {
  return {
    needsName: false,
    recall: 0.99,
    immediate: false,
    distinct: 3,
    shapes: ['digits', 'code', 'text'],
    lengths: [1, 4096],
    ...definition,
  }
}

export function profileOf(text: string): ValueProfile {
  let digits = 0
  let letters = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) digits += 1
    else if ((code | 32) >= 97 && (code | 32) <= 122) letters += 1
  }
  return new Counted(text, digits, letters)
}

/** What most tests do not ask for is made when it is asked for. */
class Counted implements ValueProfile {
  readonly text: string
  readonly digits: number
  readonly letters: number
  #bare: string | undefined

  constructor(text: string, digits: number, letters: number) {
    this.text = text
    this.digits = digits
    this.letters = letters
  }

  get bare(): string {
    this.#bare ??= this.#read()
    return this.#bare
  }

  #read(): string {
    const { text } = this
    const plain = this.digits + this.letters
    if (plain === text.length) return text
    return plain <= 64 && text.length <= 256 ? text.replace(/[^0-9A-Za-z]/g, '') : ''
  }
}

/** `digits`: no letters at all; `code`: one word; `text`: anything with blanks or letters beyond ASCII. */
export function shapeOf({ text, digits, letters }: ValueProfile): ValueShape {
  if (letters === 0 && digits > 0) return 'digits'
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code <= 32 || code > 126) return 'text'
  }
  return 'code'
}
