import type { EndpointView } from '../../../src/server/api/endpoint.ts'

type Inventory = EndpointView['inventory']

/** How an endpoint stands to the specifications, in a word or two. */
export const inventoryName: Readonly<Record<Inventory, string>> = {
  documented: 'documented',
  shadow: 'undocumented',
  zombie: 'zombie',
  orphan: 'never called',
  candidate: 'not certain yet',
  unknown: 'no specification',
}

/** What each of them means, for those who meet the word for the first time. */
export const inventoryMeaning: Readonly<Record<Inventory, string>> = {
  documented: 'In a specification, and seen',
  shadow: 'Seen, but in no specification: a shadow endpoint',
  zombie: 'Deprecated or removed, but still answering',
  orphan: 'In a specification, but never seen: an orphan',
  candidate: 'Too few calls yet to be sure that it exists',
  unknown: 'No specification was given to compare with',
}

export const inventoryTone = (inventory: Inventory): 'warn' | undefined =>
  inventory === 'shadow' || inventory === 'zombie' ? 'warn' : undefined

/** Whether any specification was ever given: without one, how an endpoint stands to it says nothing. */
export const hasSpecifications = (endpoints: readonly Pick<EndpointView, 'inventory'>[]): boolean =>
  endpoints.some(({ inventory }) => inventory !== 'unknown' && inventory !== 'candidate')
