import type { Component } from '../kit/snapshot.ts'
import type { PrincipalTable } from './principal-table.ts'
import type { SlotColumn } from './slot-column.ts'

export interface MeasureOptions {
  /** What the group's metric is called: `objects per day`. */
  readonly metric: string
  /** Of what: `objects`. */
  readonly unit: string
  /** Length of a window in milliseconds; a UTC day where absent. */
  readonly windowMs?: number
}

const dayMs = 86_400_000
/** In the place of the window before: the running one was handed on already, when settled history ended. */
const handedOn = -1

/** A window that ended for one principal. */
export type WindowEnd = (slot: number, value: number, day: number, windowEnd: number) => void

/**
 * A number for each principal and window (objects per day, calls per hour): detectors add to it, and each member's finished windows
 * become one value each in the distribution of its peers. 12 bytes a principal.
 */
export class Measure implements Component {
  readonly metric: string
  readonly unit: string
  readonly windowMs: number
  /** The running window's number, from 1: 0 where nothing was added. */
  readonly #window: SlotColumn
  readonly #value: SlotColumn
  readonly #before: SlotColumn
  readonly #table: PrincipalTable
  #swept = 0

  /** Made by `Baseline.measure`. */
  constructor(table: PrincipalTable, { metric, unit, windowMs = dayMs }: MeasureOptions) {
    this.metric = metric
    this.unit = unit
    this.windowMs = windowMs
    this.#table = table
    this.#window = table.column('u32')
    this.#value = table.column('f32')
    this.#before = table.column('f32')
  }

  /** @returns the running window's value */
  add(slot: number, time: number, by = 1): number {
    this.#turn(slot, time)
    return this.#value.add(slot, by)
  }

  /** Raises the running window's value to `value` where it is below, for what is not a sum. */
  raise(slot: number, time: number, value: number): number {
    this.#turn(slot, time)
    if (value > this.#value.get(slot)) this.#value.set(slot, value)
    return this.#value.get(slot)
  }

  /** The running window's value. */
  value(slot: number, time: number): number {
    return this.#window.get(slot) === this.#number(time) ? this.#value.get(slot) : 0
  }

  /** The value of the window before the running one. */
  before(slot: number, time: number): number {
    const window = this.#window.get(slot)
    const now = this.#number(time)
    return window === now
      ? Math.max(0, this.#before.get(slot))
      : window === now - 1
        ? this.#value.get(slot)
        : 0
  }

  /**
   * Hands on what ended, once a window: the values of the window before the last one, so that each had a whole window in which its
   * principal could become suspect; of settled history those of the last one as well.
   * @param settled Nothing more comes of the past: all that ended by `time` is handed on, the running window too.
   */
  sweep(time: number, settled: boolean, end: WindowEnd): void {
    const now = this.#number(time)
    if (now <= this.#swept && !settled) return
    this.#swept = now
    for (let slot = 0; slot < this.#table.length; slot += 1) {
      const window = this.#window.get(slot)
      if (window === 0 || window > now) continue
      const { windowMs } = this
      const hand = (number: number, value: number): void => {
        if (value > 0) end(slot, value, Math.floor(((number - 1) * windowMs) / dayMs), number * windowMs)
      }
      if (window === now && !settled) continue
      if (window === now - 1 && !settled) {
        hand(window - 1, this.#before.get(slot))
        if (this.#before.get(slot) !== handedOn) this.#before.set(slot, 0)
      } else {
        const before = this.#before.get(slot)
        hand(window - 1, before)
        if (before !== handedOn) hand(window, this.#value.get(slot))
        this.#before.set(slot, handedOn)
        if (window < now) {
          this.#value.set(slot, 0)
          this.#window.set(slot, 0)
          this.#before.set(slot, 0)
        }
      }
    }
  }

  #turn(slot: number, time: number): void {
    const now = this.#number(time)
    const window = this.#window.get(slot)
    if (window >= now) return
    // What was not swept yet is one window old at most: the sweep runs before anything is added in a new window.
    const handed = this.#before.get(slot) === handedOn
    this.#before.set(slot, window === now - 1 && !handed ? this.#value.get(slot) : 0)
    this.#value.set(slot, 0)
    this.#window.set(slot, now)
  }

  #number(time: number): number {
    return Math.floor(time / this.windowMs) + 1
  }

  save(): unknown {
    return {
      window: this.#window.save(),
      value: this.#value.save(),
      before: this.#before.save(),
      swept: this.#swept,
    }
  }

  load(saved: unknown): void {
    const { window, value, before, swept } = saved as {
      readonly [part in 'window' | 'value' | 'before']: unknown
    } & { readonly swept: number }
    this.#window.load(window)
    this.#value.load(value)
    this.#before.load(before)
    this.#swept = swept
  }
}
