/** A header as name (lower case) and value, in the order sent. */
export type HeaderPair = readonly [name: string, value: string]
