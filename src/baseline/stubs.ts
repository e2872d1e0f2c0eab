import { hash32 } from '../kit/hash.ts'
import type { Component } from '../kit/snapshot.ts'

/** What is left of a principal that was evicted. */
export interface Stub {
  /** Milliseconds since the epoch, to the minute. */
  readonly firstSeen: number
  readonly lastSeen: number
}

const minute = 60_000
const day = 1_440
/** Hash (two words), minute first seen, minute last seen: 16 bytes. */
const width = 4
const smallest = 1_024

/**
 * That a principal was here before, for 90 days after it was evicted: an open table of 16 bytes each, keyed by 64 bits of a hash. At the
 * bound the oldest half is dropped and counted.
 */
export class Stubs implements Component {
  readonly #bound: number
  readonly #days: number
  #table = new Uint32Array(smallest * width)
  #size = 0
  dropped = 0

  constructor(bound: number, days: number) {
    this.#bound = bound
    this.#days = days
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#table.byteLength
  }

  find(principal: string, time: number): Stub | undefined {
    const at = this.#place(hash32(principal, 2), hash32(principal, 3) | 1)
    if ((this.#table[at + 1] ?? 0) === 0) return undefined
    const last = this.#table[at + 3] ?? 0
    if (Math.floor(time / minute) - last > this.#days * day) return undefined
    return { firstSeen: (this.#table[at + 2] ?? 0) * minute, lastSeen: last * minute }
  }

  put(principal: string, { firstSeen, lastSeen }: Stub): void {
    const last = Math.max(0, Math.floor(lastSeen / minute))
    if (this.#size >= this.#bound) this.#rebuild(last, true)
    if (2 * (this.#size + 1) * width > this.#table.length) this.#rebuild(last, false)
    this.#write(
      hash32(principal, 2),
      hash32(principal, 3) | 1,
      Math.max(0, Math.floor(firstSeen / minute)),
      last,
    )
  }

  #write(a: number, b: number, first: number, last: number): void {
    const at = this.#place(a, b)
    if ((this.#table[at + 1] ?? 0) === 0) this.#size += 1
    this.#table[at] = a
    this.#table[at + 1] = b
    this.#table[at + 2] = first
    this.#table[at + 3] = last
  }

  /** Where the entry stands, or the free place it would take. The second word is odd: 0 marks a free place. */
  #place(a: number, b: number): number {
    const slots = this.#table.length / width
    let slot = a & (slots - 1)
    for (;;) {
      const at = slot * width
      const word = this.#table[at + 1] ?? 0
      if (word === 0 || (word === b >>> 0 && this.#table[at] === a >>> 0)) return at
      slot = (slot + 1) & (slots - 1)
    }
  }

  /** Leaves out what is too old, and the older half where `halve`. */
  #rebuild(now: number, halve: boolean): void {
    const before = this.#table
    const lasts: number[] = []
    for (let at = 0; at < before.length; at += width)
      if ((before[at + 1] ?? 0) !== 0) lasts.push(before[at + 3] ?? 0)
    let least = now - this.#days * day
    if (halve) {
      lasts.sort((x, y) => x - y)
      least = Math.max(least, (lasts[Math.floor(lasts.length / 2)] ?? 0) + 1)
    }
    const kept = lasts.filter(last => last >= least).length
    let slots = smallest
    while (slots < 4 * (kept + 1)) slots *= 2
    this.dropped += lasts.length - kept
    this.#table = new Uint32Array(slots * width)
    this.#size = 0
    for (let at = 0; at < before.length; at += width) {
      const last = before[at + 3] ?? 0
      if ((before[at + 1] ?? 0) !== 0 && last >= least)
        this.#write(before[at] ?? 0, before[at + 1] ?? 0, before[at + 2] ?? 0, last)
    }
  }

  save(): unknown {
    return { table: this.#table, size: this.#size, dropped: this.dropped }
  }

  load(saved: unknown): void {
    const { table, size, dropped } = saved as {
      readonly table: Uint32Array<ArrayBuffer>
      readonly size: number
      readonly dropped: number
    }
    this.#table = table
    this.#size = size
    this.dropped = dropped
  }
}
