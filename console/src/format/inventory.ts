import type { EndpointView } from '../api/types.ts'

type Inventory = EndpointView['inventory']

/** What each state of an endpoint means, for those who meet the word for the first time. */
export const inventoryMeaning: Readonly<Record<Inventory, string>> = {
  documented: 'in a specification, and seen',
  shadow: 'seen, but in no specification',
  zombie: 'deprecated or removed, but still answering',
  orphan: 'in a specification, but never seen',
  candidate: 'too few calls yet to be sure of it',
  unknown: 'no specification was given to compare with',
}

export const inventoryTone = (inventory: Inventory): 'warn' | undefined =>
  inventory === 'shadow' || inventory === 'zombie' ? 'warn' : undefined
