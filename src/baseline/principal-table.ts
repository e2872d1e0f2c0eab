import type { PrincipalId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import { type ColumnKind, SlotColumn } from './slot-column.ts'
import { SlotMap } from './slot-map.ts'
import { SlotSets, type SlotSetsOptions } from './slot-sets.ts'
import { type Stub, Stubs } from './stubs.ts'

export interface PrincipalTableOptions {
  /** Principals with state; one that was not seen for long goes for a new one. */
  readonly principals: number
  /** Of so many others it is remembered that they were here. */
  readonly stubs: number
  readonly stubDays: number
}

export const defaultPrincipalTableOptions: PrincipalTableOptions = {
  principals: 1_000_000,
  stubs: 4_000_000,
  stubDays: 90,
}

/**
 * The one table of principals: each gets a slot, a small dense number by which columns, maps and sets of all baselines and detectors
 * are indexed. A full table gives the slot of a principal that was not seen lately to the new one (second chance, Corbató 1968), clears
 * what is kept by it, and leaves a stub of 16 bytes.
 */
export class PrincipalTable implements Component {
  readonly #options: PrincipalTableOptions
  readonly #stubs: Stubs
  #slots = new Map<PrincipalId, number>()
  #names: PrincipalId[] = []
  readonly #used = new SlotColumn('u8')
  readonly #first = new SlotColumn('f64')
  readonly #last = new SlotColumn('f64')
  readonly #beside: { clear(slot: number): void }[] = []
  #hand = 0
  /** Who was asked for last: many ask for the same, one after the other. */
  #lastName: PrincipalId | undefined
  #lastSlot: number | undefined
  evicted = 0

  constructor(options: Partial<PrincipalTableOptions> = {}) {
    this.#options = { ...defaultPrincipalTableOptions, ...options }
    this.#stubs = new Stubs(this.#options.stubs, this.#options.stubDays)
  }

  get size(): number {
    return this.#slots.size
  }

  /** Slots ever given: all are below this. */
  get length(): number {
    return this.#names.length
  }

  slotOf(principal: PrincipalId): number | undefined {
    if (principal !== this.#lastName) {
      this.#lastSlot = this.#slots.get(principal)
      this.#lastName = principal
    }
    return this.#lastSlot
  }

  nameOf(slot: number): PrincipalId | undefined {
    return this.#names[slot]
  }

  firstSeen(slot: number): number {
    return this.#first.get(slot)
  }

  lastSeen(slot: number): number {
    return this.#last.get(slot)
  }

  /** What is remembered of a principal without a slot. */
  stub(principal: PrincipalId, time: number): Stub | undefined {
    return this.#stubs.find(principal, time)
  }

  /** The principal's slot, given now where it had none; `time` becomes when it was seen last. */
  enter(principal: PrincipalId, time: number): number {
    let slot = this.slotOf(principal)
    if (slot === undefined) {
      slot = this.#free()
      this.#lastName = undefined
      this.#slots.set(principal, slot)
      this.#names[slot] = principal
      this.#first.set(slot, this.#stubs.find(principal, time)?.firstSeen ?? time)
    }
    this.#used.set(slot, 1)
    if (time > this.#last.get(slot)) this.#last.set(slot, time)
    return slot
  }

  /** Numbers by slot, cleared with it. */
  column(kind: ColumnKind, width = 1): SlotColumn {
    return this.#register(new SlotColumn(kind, width))
  }

  /** Objects for a few slots, cleared with them. */
  map<Value>(capacity: number): SlotMap<Value> {
    return this.#register(new SlotMap<Value>(capacity))
  }

  /** Sets of 32-bit numbers by slot, cleared with it. */
  sets(options: SlotSetsOptions): SlotSets {
    return this.#register(new SlotSets(options))
  }

  #register<Store extends { clear(slot: number): void }>(store: Store): Store {
    this.#beside.push(store)
    return store
  }

  #free(): number {
    const { principals } = this.#options
    if (this.#names.length < principals) return this.#names.length
    for (;;) {
      const slot = this.#hand
      this.#hand = (this.#hand + 1) % principals
      if (this.#used.get(slot) === 1) {
        this.#used.set(slot, 0)
        continue
      }
      const name = this.#names[slot] as PrincipalId
      this.#stubs.put(name, { firstSeen: this.#first.get(slot), lastSeen: this.#last.get(slot) })
      this.#slots.delete(name)
      this.#first.clear(slot)
      this.#last.clear(slot)
      for (const store of this.#beside) store.clear(slot)
      this.evicted += 1
      return slot
    }
  }

  /** Bytes of the table's own columns and stubs; names are not counted. */
  get bytes(): number {
    return this.#used.bytes + this.#first.bytes + this.#last.bytes + this.#stubs.bytes
  }

  save(): unknown {
    return {
      names: this.#names,
      used: this.#used.save(),
      first: this.#first.save(),
      last: this.#last.save(),
      stubs: this.#stubs.save(),
      hand: this.#hand,
      evicted: this.evicted,
    }
  }

  load(saved: unknown): void {
    const { names, used, first, last, stubs, hand, evicted } = saved as {
      readonly names: PrincipalId[]
      readonly hand: number
      readonly evicted: number
    } & { readonly [part in 'used' | 'first' | 'last' | 'stubs']: unknown }
    this.#names = names
    this.#slots = new Map(names.map((name, slot) => [name, slot]))
    this.#used.load(used)
    this.#first.load(first)
    this.#last.load(last)
    this.#stubs.load(stubs)
    this.#lastName = undefined
    this.#hand = hand
    this.evicted = evicted
  }
}
