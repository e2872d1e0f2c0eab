import { inBloom, intoBloom } from '../kit/bloom.ts'
import type { Component } from '../kit/snapshot.ts'
import { SlotColumn } from './slot-column.ts'

const smallest = 4
const blocksPerChunk = 256

export interface SlotSetsOptions {
  /** Members held exactly; a power of two from 4. */
  readonly exact: number
  /** Words of 32 bits of the Bloom filter that follows; a power of two from 4. */
  readonly bloomWords: number
}

/**
 * A small set of 32-bit numbers for each slot: exact up to `exact` members in blocks that double, a Bloom filter (Bloom 1970) with four
 * probes beyond. A set may then say of a number that it holds it although it does not, never the other way round: with 64 words about
 * one in a hundred at 200 members, and everything once it is full. Seven bytes for a slot without members.
 * Made by `PrincipalTable.sets`.
 */
export class SlotSets implements Component {
  readonly options: SlotSetsOptions
  readonly #refs = new SlotColumn('u32')
  /** 0 nothing, then the class of the block. */
  readonly #classes = new SlotColumn('u8')
  readonly #counts = new SlotColumn('u16')
  readonly #arenas: readonly Arena[]

  constructor(options: SlotSetsOptions) {
    this.options = options
    const arenas: Arena[] = []
    for (let words = smallest; words <= options.exact; words *= 2) arenas.push(new Arena(words))
    arenas.push(new Arena(options.bloomWords))
    this.#arenas = arenas
  }

  /** Different members added; of a filter, as far as it told them apart. */
  count(slot: number): number {
    return this.#counts.get(slot)
  }

  isExact(slot: number): boolean {
    return this.#classes.get(slot) < this.#arenas.length
  }

  has(slot: number, member: number): boolean {
    const kind = this.#classes.get(slot)
    if (kind === 0) return false
    const arena = this.#arena(kind)
    const ref = this.#refs.get(slot)
    const words = arena.words(ref)
    const start = arena.start(ref)
    if (kind === this.#arenas.length) return inBloom(words, start, this.options.bloomWords, member)
    const end = start + this.#counts.get(slot)
    for (let at = start; at < end; at += 1) if (words[at] === member >>> 0) return true
    return false
  }

  /** @returns true when it was not there before */
  add(slot: number, member: number): boolean {
    if (this.has(slot, member)) return false
    const kind = this.#classes.get(slot)
    const count = this.#counts.get(slot)
    if (kind === 0) this.#move(slot, 1)
    else if (kind < this.#arenas.length && count >= this.#arena(kind).size) this.#move(slot, kind + 1)
    this.#put(slot, member, count)
    this.#counts.set(slot, Math.min(count + 1, 0xffff))
    return true
  }

  /** The members, oldest first; undefined of a filter, which cannot tell. */
  members(slot: number): readonly number[] | undefined {
    const kind = this.#classes.get(slot)
    if (kind === 0) return []
    if (kind === this.#arenas.length) return undefined
    const arena = this.#arena(kind)
    const ref = this.#refs.get(slot)
    const start = arena.start(ref)
    return [...arena.words(ref).subarray(start, start + this.#counts.get(slot))]
  }

  clear(slot: number): void {
    const kind = this.#classes.get(slot)
    if (kind === 0) return
    this.#arena(kind).free(this.#refs.get(slot))
    this.#classes.clear(slot)
    this.#refs.clear(slot)
    this.#counts.clear(slot)
  }

  get bytes(): number {
    return (
      this.#refs.bytes +
      this.#classes.bytes +
      this.#counts.bytes +
      this.#arenas.reduce((sum, arena) => sum + arena.bytes, 0)
    )
  }

  #arena(kind: number): Arena {
    return this.#arenas[kind - 1] as Arena
  }

  #move(slot: number, kind: number): void {
    const members = this.members(slot) ?? []
    const before = this.#classes.get(slot)
    if (before > 0) this.#arena(before).free(this.#refs.get(slot))
    this.#classes.set(slot, kind)
    this.#refs.set(slot, this.#arena(kind).take())
    for (const [index, member] of members.entries()) this.#put(slot, member, index)
  }

  #put(slot: number, member: number, count: number): void {
    const kind = this.#classes.get(slot)
    const arena = this.#arena(kind)
    const ref = this.#refs.get(slot)
    const words = arena.words(ref)
    const start = arena.start(ref)
    if (kind === this.#arenas.length) intoBloom(words, start, this.options.bloomWords, member)
    else words[start + count] = member
  }

  save(): unknown {
    return {
      refs: this.#refs.save(),
      classes: this.#classes.save(),
      counts: this.#counts.save(),
      arenas: this.#arenas.map(arena => arena.save()),
    }
  }

  load(saved: unknown): void {
    const { refs, classes, counts, arenas } = saved as {
      readonly [part in 'refs' | 'classes' | 'counts']: unknown
    } & { readonly arenas: readonly unknown[] }
    this.#refs.load(refs)
    this.#classes.load(classes)
    this.#counts.load(counts)
    for (const [index, arena] of this.#arenas.entries()) arena.load(arenas[index])
  }
}

/** Blocks of one size, taken and given back. */
class Arena implements Component {
  readonly size: number
  #chunks: Uint32Array[] = []
  #free: number[] = []
  #next = 0

  constructor(size: number) {
    this.size = size
  }

  take(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const ref = this.#next
    this.#next += 1
    if (ref % blocksPerChunk === 0) this.#chunks.push(new Uint32Array(blocksPerChunk * this.size))
    return ref
  }

  free(ref: number): void {
    const start = this.start(ref)
    this.words(ref).fill(0, start, start + this.size)
    this.#free.push(ref)
  }

  words(ref: number): Uint32Array {
    return this.#chunks[Math.floor(ref / blocksPerChunk)] as Uint32Array
  }

  start(ref: number): number {
    return (ref % blocksPerChunk) * this.size
  }

  get bytes(): number {
    return this.#chunks.length * blocksPerChunk * this.size * 4 + this.#free.length * 8
  }

  save(): unknown {
    return { chunks: this.#chunks, free: this.#free, next: this.#next }
  }

  load(saved: unknown): void {
    const { chunks, free, next } = saved as {
      readonly chunks: Uint32Array[]
      readonly free: number[]
      readonly next: number
    }
    this.#chunks = chunks
    this.#free = free
    this.#next = next
  }
}
