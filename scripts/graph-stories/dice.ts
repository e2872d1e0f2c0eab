import { Random } from '../catalog-traffic/random.ts'

/** Draws with what stories need besides. */
export class Dice extends Random {
  whole(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items]
    for (let index = left.length - 1; index > 0; index -= 1) {
      const other = this.whole(0, index)
      ;[left[index], left[other]] = [left[other]!, left[index]!]
    }
    return left
  }

  word(length: number): string {
    return Array.from({ length }, () => this.pick([...'bcdfghjklmnpqrstvwxz2456789'])).join('')
  }
}
