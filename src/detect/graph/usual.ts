import { keptWhole } from '../../kit/snapshot.ts'
/** The latest values of something, to say how far above them another one is. Constant size. */
export class Usual {
  private readonly values: number[] = []
  private readonly capacity: number
  private next = 0

  constructor(capacity = 128) {
    this.capacity = capacity
  }

  get support(): number {
    return this.values.length
  }

  add(value: number): void {
    const logged = Math.log1p(Math.max(0, value))
    if (this.values.length < this.capacity) this.values.push(logged)
    else this.values[this.next] = logged
    this.next = (this.next + 1) % this.capacity
  }

  /**
   * Robust z of a value on the logarithm: distance from the median in deviations, the deviation being 1.4826 times the median distance
   * and never under a fifth (a factor of 1.2).
   */
  distance(value: number): { readonly z: number; readonly median: number } {
    const sorted = [...this.values].sort((a, b) => a - b)
    const median = middle(sorted)
    const deviation = middle(sorted.map(one => Math.abs(one - median)).sort((a, b) => a - b))
    return {
      z: (Math.log1p(Math.max(0, value)) - median) / Math.max(0.2, 1.4826 * deviation),
      median: Math.expm1(median),
    }
  }

  static {
    keptWhole(Usual, 'detect/usual', 1)
  }
}

function middle(sorted: readonly number[]): number {
  const half = sorted.length >> 1
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
