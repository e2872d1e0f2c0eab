import { kept } from '../kit/snapshot.ts'

/** What a tie is to. */
export const tieKinds = ['token', 'device', 'address'] as const
export type TieKind = (typeof tieKinds)[number]

/** One thing that a principal was seen with. Times in ms since the epoch. */
export interface Tie {
  readonly name: string
  readonly calls: number
  readonly first: number
  readonly last: number
  /** As of `last`. */
  readonly weight: number
}

/** Before the ties: when the principal was seen first, and when its present meeting began. */
const head = 2
/** Numbers of a tie: kind, calls, first, last, weight. */
const width = 5
const none = -1

/**
 * What one principal was seen with, in two lists: there are millions of these, and most hold three ties. The lists are grown by a copy:
 * one that is pushed to keeps room for 17 more.
 */
export class TieList {
  private names: readonly string[] = []
  private numbers: number[]
  /** Of the present meeting the places of token, device and address in the list, a byte each, 255 for none. */
  private present = 0xffffff

  /** @param time When the principal was seen first. */
  constructor(time: number) {
    this.numbers = [time, Number.NEGATIVE_INFINITY]
  }

  get first(): number {
    return this.numbers[0]!
  }

  /** When anything was seen last. */
  get last(): number {
    let last = this.first
    for (let at = 0; at < this.names.length; at += 1) last = Math.max(last, this.number(at, 3))
    return last
  }

  /** Is it still with the same things, less than `within` ms after it met them? */
  meets(
    token: string | undefined,
    device: string,
    address: string | undefined,
    time: number,
    within: number,
  ): boolean {
    const met = this.numbers[1]!
    return (
      time >= met &&
      time - met < within &&
      this.now(1) === device &&
      this.now(2) === address &&
      this.now(0) === token
    )
  }

  /** Another call with the things of the present meeting. */
  again(time: number): void {
    for (let kind = 0; kind < 3; kind += 1) {
      const at = this.presentAt(kind)
      if (at === none) continue
      const from = head + at * width
      this.numbers[from + 1] = this.numbers[from + 1]! + 1
      this.numbers[from + 3] = Math.max(this.numbers[from + 3]!, time)
      this.numbers[from + 4] = this.numbers[from + 4]! + 1
    }
  }

  /** A new meeting begins, with nothing yet. */
  meet(time: number): void {
    this.numbers[1] = time
    this.present = 0xffffff
  }

  /**
   * A call with one of the things of the new meeting.
   * @param most Ties of this kind; the longest unused makes room.
   * @param decay What is left of a weight after so many ms.
   */
  tie(kind: TieKind, name: string, time: number, most: number, decay: (passed: number) => number): void {
    const kindAt = tieKinds.indexOf(kind)
    const known = this.find(kindAt, name)
    const at = known === none ? this.room(kindAt, most) : known
    const from = head + at * width
    if (known === none) {
      if (at === this.names.length) {
        this.names = this.names.concat(name)
        this.numbers = this.numbers.concat([kindAt, 1, time, time, 1])
      } else {
        this.names = this.names.with(at, name)
        this.numbers[from + 1] = 1
        this.numbers[from + 2] = time
        this.numbers[from + 3] = time
        this.numbers[from + 4] = 1
      }
    } else {
      const last = this.numbers[from + 3]!
      this.numbers[from + 4] = this.numbers[from + 4]! * decay(Math.max(0, time - last)) + 1
      this.numbers[from + 1] = this.numbers[from + 1]! + 1
      this.numbers[from + 3] = Math.max(last, time)
    }
    // Beyond a byte's reach it counts as not present: the next call finds it by its name.
    this.present = (this.present & ~(0xff << (kindAt * 8))) | (Math.min(at, 0xff) << (kindAt * 8))
  }

  has(kind: TieKind, name: string): boolean {
    return this.find(tieKinds.indexOf(kind), name) !== none
  }

  of(kind: TieKind): readonly Tie[] {
    const kindAt = tieKinds.indexOf(kind)
    const ties: Tie[] = []
    for (const [at, name] of this.names.entries())
      if (this.number(at, 0) === kindAt)
        ties.push({
          name,
          calls: this.number(at, 1),
          first: this.number(at, 2),
          last: this.number(at, 3),
          weight: this.number(at, 4),
        })
    return ties
  }

  private number(at: number, which: number): number {
    return this.numbers[head + at * width + which]!
  }

  private presentAt(kind: number): number {
    const at = (this.present >>> (kind * 8)) & 0xff
    return at === 0xff ? none : at
  }

  private now(kind: number): string | undefined {
    const at = this.presentAt(kind)
    return at === none ? undefined : this.names[at]
  }

  private find(kind: number, name: string): number {
    for (let at = 0; at < this.names.length; at += 1)
      if (this.names[at] === name && this.number(at, 0) === kind) return at
    return none
  }

  /** The end of the list, or the place of the tie of its kind that was unused the longest. */
  private room(kind: number, most: number): number {
    let count = 0
    let oldest = none
    for (let at = 0; at < this.names.length; at += 1) {
      if (this.number(at, 0) !== kind) continue
      count += 1
      if (oldest === none || this.number(at, 3) < this.number(oldest, 3)) oldest = at
    }
    return count < most ? this.names.length : oldest
  }

  static {
    kept<TieList, readonly [readonly string[], Float64Array, number]>(TieList, {
      name: 'identity/tie-list',
      version: 1,
      save: list => [list.names, Float64Array.from(list.numbers), list.present],
      make: ([names, numbers, present]) => {
        const list = new TieList(0)
        list.names = names
        list.numbers = [...numbers]
        list.present = present
        return list
      },
    })
  }
}
