import { keptWhole } from '../../kit/snapshot.ts'
/** The least and the greatest number of a place. */
export class NumberRange {
  // Undefined first, so that small whole numbers need no box of their own.
  low: number | undefined = undefined
  high: number | undefined = undefined

  add(value: number): void {
    if (this.low === undefined || value < this.low) this.low = value
    if (this.high === undefined || value > this.high) this.high = value
  }

  absorb({ low, high }: NumberRange): void {
    if (low !== undefined) this.add(low)
    if (high !== undefined) this.add(high)
  }

  static {
    keptWhole(NumberRange, 'catalog/number-range', 1)
  }
}
