import type { Component } from '../kit/snapshot.ts'

const makers = {
  u8: (length: number) => new Uint8Array(length),
  u16: (length: number) => new Uint16Array(length),
  u32: (length: number) => new Uint32Array(length),
  f32: (length: number) => new Float32Array(length),
  f64: (length: number) => new Float64Array(length),
}
export type ColumnKind = keyof typeof makers
type Cells = ReturnType<(typeof makers)[ColumnKind]>

const chunkBits = 10
const chunkSlots = 1 << chunkBits
const slotMask = chunkSlots - 1

/**
 * Numbers by slot: `width` of one kind for each principal, in typed arrays of 1,024 slots that are made when one of them is written
 * first. Reads of what was never written, and of a slot that was given to another principal since, are 0. Made by
 * `PrincipalTable.column`, which clears it with the slot.
 */
export class SlotColumn implements Component {
  readonly kind: ColumnKind
  readonly width: number
  #chunks: (Cells | undefined)[] = []

  constructor(kind: ColumnKind, width = 1) {
    this.kind = kind
    this.width = width
  }

  get(slot: number, at = 0): number {
    const chunk = this.#chunks[slot >>> chunkBits]
    if (chunk === undefined) return 0
    const index = (slot & slotMask) * this.width + at
    // One read for each kind of array: one for all five is looked up anew each time.
    switch (this.kind) {
      case 'u8':
        return (chunk as Uint8Array)[index] ?? 0
      case 'u16':
        return (chunk as Uint16Array)[index] ?? 0
      case 'u32':
        return (chunk as Uint32Array)[index] ?? 0
      case 'f32':
        return (chunk as Float32Array)[index] ?? 0
      default:
        return (chunk as Float64Array)[index] ?? 0
    }
  }

  set(slot: number, value: number, at = 0): void {
    const index = slot >>> chunkBits
    let chunk = this.#chunks[index]
    if (chunk === undefined) {
      if (value === 0) return
      while (this.#chunks.length < index) this.#chunks.push(undefined)
      chunk = makers[this.kind](chunkSlots * this.width)
      this.#chunks[index] = chunk
    }
    write(chunk, this.kind, (slot & slotMask) * this.width + at, value)
  }

  /** @returns the sum; integers of 8 and 16 bits stay at their largest value instead of beginning anew */
  add(slot: number, by = 1, at = 0): number {
    const sum = this.get(slot, at) + by
    const most = this.kind === 'u8' ? 0xff : this.kind === 'u16' ? 0xffff : Number.POSITIVE_INFINITY
    this.set(slot, Math.min(sum, most), at)
    return this.get(slot, at)
  }

  clear(slot: number): void {
    const start = (slot & slotMask) * this.width
    this.#chunks[slot >>> chunkBits]?.fill(0, start, start + this.width)
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.byteLength ?? 0), 0)
  }

  save(): unknown {
    return this.#chunks
  }

  load(saved: unknown): void {
    this.#chunks = saved as (Cells | undefined)[]
  }
}

function write(chunk: Cells, kind: ColumnKind, index: number, value: number): void {
  switch (kind) {
    case 'u8':
      ;(chunk as Uint8Array)[index] = value
      break
    case 'u16':
      ;(chunk as Uint16Array)[index] = value
      break
    case 'u32':
      ;(chunk as Uint32Array)[index] = value
      break
    case 'f32':
      ;(chunk as Float32Array)[index] = value
      break
    default:
      ;(chunk as Float64Array)[index] = value
  }
}
