/** Classes of data that are marked wherever they are named. */
export const graveClasses: ReadonlySet<string> = new Set([
  'payment-card',
  'password',
  'secret',
  'health',
  'ssn',
  'iban',
  'national-id',
  'private-key',
])

/** The grave ones before the others, each in the order given: where room is short, these are seen. */
export const gravestFirst = (classes: readonly string[]): readonly string[] => [
  ...classes.filter(name => graveClasses.has(name)),
  ...classes.filter(name => !graveClasses.has(name)),
]

const ranks = [...graveClasses]

/** The gravest first, by what their loss costs; others after them in the order given. */
export const byGravity = (classes: readonly string[]): readonly string[] => [
  ...ranks.filter(name => classes.includes(name)),
  ...classes.filter(name => !graveClasses.has(name)),
]
