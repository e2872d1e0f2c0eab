import { BoundedMap } from '../kit/bounded-map.ts'
import type { Component } from '../kit/snapshot.ts'

/**
 * An object for the few principals that are of interest: at most `capacity`, the least recently used goes first. Gone with the slot.
 * Made by `PrincipalTable.map`.
 */
export class SlotMap<Value> implements Component {
  #values: BoundedMap<number, Value>

  constructor(capacity: number) {
    this.#values = new BoundedMap(capacity)
  }

  /** Reads and marks as used. */
  get(slot: number): Value | undefined {
    return this.#values.get(slot)
  }

  peek(slot: number): Value | undefined {
    return this.#values.peek(slot)
  }

  set(slot: number, value: Value): void {
    this.#values.set(slot, value)
  }

  ensure(slot: number, make: () => Value): Value {
    return this.#values.ensure(slot, make)
  }

  clear(slot: number): void {
    this.#values.delete(slot)
  }

  entries(): IterableIterator<[slot: number, value: Value]> {
    return this.#values.entries()
  }

  get size(): number {
    return this.#values.size
  }

  /** How many went for room. */
  get evicted(): number {
    return this.#values.evicted
  }

  save(): unknown {
    return this.#values
  }

  load(saved: unknown): void {
    this.#values = saved as BoundedMap<number, Value>
  }
}
