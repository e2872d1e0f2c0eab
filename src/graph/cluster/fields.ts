/** Objects come as they were sent: each field is looked at before it is believed. */
export type Fields = Readonly<Record<string, unknown>>
export type Labels = Readonly<Record<string, string>>

const empty: Fields = Object.freeze({})

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : empty

/** The same where it matters whether it is there. */
export const maybeFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value)
    ? (value as readonly unknown[]).filter(one => maybeFields(one) !== undefined).map(fieldsOf)
    : []

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? (value as readonly unknown[]).filter(one => typeof one === 'string') : []

export const labelsOf = (value: unknown): Labels =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
