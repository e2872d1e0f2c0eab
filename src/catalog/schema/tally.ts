import { keptWhole } from '../../kit/snapshot.ts'
/** What a value is, as far as types go. */
export type Kind = 'nulls' | 'booleans' | 'integers' | 'numbers' | 'strings' | 'objects' | 'arrays'

/** How often each kind of value came to a place that holds several of them. */
export class Tally {
  nulls = 0
  booleans = 0
  integers = 0
  numbers = 0
  strings = 0
  objects = 0
  arrays = 0
  /** Of the strings those that stand in a secret's place: what type the secret had is not known. */
  masked = 0

  static {
    keptWhole(Tally, 'catalog/tally', 1)
  }
}
