import { keptWhole } from '../kit/snapshot.ts'
import { type EdgeKind, type EdgeSource, edgeKinds, edgeSources } from './edge.ts'
import { grown } from './node-table.ts'

const dayMs = 86_400_000
const none = -1
export const didFlag = 1
export const couldFlag = 2

const start = 1024

/** What one sighting adds to an edge. */
export interface Sighting {
  readonly time: number
  readonly source: EdgeSource
  readonly count: number
  readonly bytes?: number
  readonly rows?: number
  readonly refused?: boolean
  readonly protocol?: string
  readonly version?: string
  /** A grant, not an act: counts nothing. */
  readonly declared?: boolean
}

/**
 * Edges in columns, found by their ends and kind through an open hash, walked from either end through linked lists of numbers. About
 * 100 bytes an edge. On which days an edge was seen is kept for the last 64 days before it was seen last, one bit a day.
 */
export class EdgeTable {
  from = new Int32Array(start)
  to = new Int32Array(start)
  kinds = new Uint8Array(start)
  flags = new Uint8Array(start)
  count = new Float64Array(start)
  bytes = new Float64Array(start)
  rows = new Float64Array(start)
  refused = new Float64Array(start)
  first = new Float64Array(start)
  last = new Float64Array(start)
  sources = new Uint16Array(start)
  protocol = new Int32Array(start)
  version = new Int32Array(start)
  nextOut = new Int32Array(start)
  nextIn = new Int32Array(start)
  private _recentDays = new Uint32Array(start)
  private _earlierDays = new Uint32Array(start)
  private outHeads = new Int32Array(start).fill(none)
  private inHeads = new Int32Array(start).fill(none)
  private slots = new Int32Array(start * 2).fill(none)
  private readonly _texts: string[] = []
  private readonly textNumbers = new Map<string, number>()
  length = 0

  /** The first edge out of a node, or -1; go on with `nextOut`. */
  firstOut(node: number): number {
    return node < this.outHeads.length ? this.outHeads[node]! : none
  }

  firstIn(node: number): number {
    return node < this.inHeads.length ? this.inHeads[node]! : none
  }

  find(from: number, to: number, kind: EdgeKind): number {
    return this.slots[this.slotOf(from, to, edgeKinds.indexOf(kind))]!
  }

  /**
   * Adds a sighting to an edge, made where there is none.
   * @returns Its number; `~number` where it was made now, or was only declared until now and has been seen to happen.
   */
  add(from: number, to: number, kind: EdgeKind, sighting: Sighting): number {
    const kindNumber = edgeKinds.indexOf(kind)
    const slot = this.slotOf(from, to, kindNumber)
    const known = this.slots[slot]!
    const edge = known === none ? this.make(from, to, kindNumber, slot, sighting) : known
    const begins = this.see(edge, sighting)
    return known === none || begins ? ~edge : edge
  }

  /** Adds a sighting to an edge that there is. @returns Whether it was only declared until now and has been seen to happen. */
  again(edge: number, sighting: Sighting): boolean {
    return this.see(edge, sighting)
  }

  /**
   * Takes back what one source declared. An edge that nobody else declares and that never happened has no flags from then on: it is in
   * no view, and gone after the next `rebuild`.
   * @returns Whether it is such an edge now.
   */
  retract(edge: number, source: EdgeSource): boolean {
    const bit = 1 << edgeSources.indexOf(source)
    const flags = this.flags[edge]!
    if ((flags & couldFlag) === 0) return false
    if ((flags & didFlag) !== 0) {
      this.flags[edge] = flags & ~couldFlag
      return false
    }
    this.sources[edge] = this.sources[edge]! & ~bit
    if (this.sources[edge] !== 0) return false
    this.flags[edge] = 0
    this.protocol[edge] = none
    return true
  }

  /** Was it seen in the `days` (1 to 64) that end with the moment? Declared edges hold from when they were first declared. */
  activeAt(edge: number, moment: number, days: number): boolean {
    if (this.first[edge]! > moment) return false
    if ((this.flags[edge]! & couldFlag) !== 0) return true
    const lastDay = Math.floor(this.last[edge]! / dayMs)
    const back = lastDay - Math.floor(moment / dayMs)
    // Bit n: seen n days before the last day. Wanted are those of the moment's day and the days before it.
    if (back >= 64) return false
    const bits = (BigInt(this._earlierDays[edge]!) << 32n) | BigInt(this._recentDays[edge]!)
    const shifted = back >= 0 ? bits >> BigInt(back) : bits
    const left = back >= 0 ? days : days + back
    return left > 0 && (shifted & ((1n << BigInt(Math.min(64, left))) - 1n)) !== 0n
  }

  text(number: number): string | undefined {
    return number === none ? undefined : this._texts[number]
  }

  sourcesOf(edge: number): readonly EdgeSource[] {
    const bits = this.sources[edge]!
    return edgeSources.filter((_, index) => (bits & (1 << index)) !== 0)
  }

  kindOf(edge: number): EdgeKind {
    return edgeKinds[this.kinds[edge]!]!
  }

  /**
   * Keeps only the edges that `keep` says, under new numbers and, where given, with other ends; edges that fall together become one.
   * Everything at once: taking out single edges would cost as much.
   */
  rebuild(keep: (edge: number) => boolean, endOf: (node: number) => number = node => node): void {
    const old = this.columns()
    const { length } = this
    this.length = 0
    this.outHeads.fill(none)
    this.inHeads.fill(none)
    this.slots.fill(none)
    let lastMoved = none
    for (let edge = 0; edge < length; edge += 1) {
      if (old.flags[edge] === 0 || !keep(edge)) continue
      const from = endOf(old.from[edge]!)
      const to = endOf(old.to[edge]!)
      const slot = this.slotOf(from, to, old.kinds[edge]!)
      const into = this.slots[slot]!
      if (into === none) {
        lastMoved += 1
        this.move(old, edge, lastMoved, from, to)
        this.slots[slot] = lastMoved
        this.length = lastMoved + 1
      } else this.join(old, edge, into)
    }
  }

  /** Takes the edges of columns into a table that is empty. Edges that fall together, or have no flags, are left out. */
  load(columns: EdgeColumns, texts: readonly string[]): void {
    const length = columns.from.length
    const numbers = Int32Array.from(texts, text => this.textNumber(text))
    const renamed = (column: Int32Array): Int32Array =>
      column.map(number => (number < 0 ? none : (numbers[number] ?? none)))
    const from = { ...columns, protocol: renamed(columns.protocol), version: renamed(columns.version) }
    while (this.from.length < length) this.growColumns()
    while (this.slots.length < length * 2) this.growSlots()
    for (let edge = 0; edge < length; edge += 1) {
      if (from.flags[edge] === 0) continue
      const slot = this.slotOf(from.from[edge]!, from.to[edge]!, from.kinds[edge]!)
      if (this.slots[slot] !== none) continue
      this.move(from, edge, this.length, from.from[edge]!, from.to[edge]!)
      this.slots[slot] = this.length
      this.length += 1
    }
  }

  private make(from: number, to: number, kind: number, slot: number, sighting: Sighting): number {
    if (this.length === this.from.length) this.growColumns()
    const edge = this.length
    this.length += 1
    this.from[edge] = from
    this.to[edge] = to
    this.kinds[edge] = kind
    this.flags[edge] = 0
    this.count[edge] = 0
    this.bytes[edge] = 0
    this.rows[edge] = 0
    this.refused[edge] = 0
    this.sources[edge] = 0
    this.first[edge] = sighting.time
    this.last[edge] = sighting.time
    this._recentDays[edge] = sighting.declared === true ? 0 : 1
    this._earlierDays[edge] = 0
    this.protocol[edge] = this.textNumber(sighting.protocol)
    this.version[edge] = none
    this.link(edge, from, to)
    this.slots[slot] = edge
    if (this.length * 2 > this.slots.length) this.growSlots()
    return edge
  }

  /** True where it was only declared until now. */
  private see(edge: number, sighting: Sighting): boolean {
    const { time } = sighting
    const before = this.flags[edge]!
    this.sources[edge] = this.sources[edge]! | (1 << edgeSources.indexOf(sighting.source))
    if (sighting.protocol !== undefined && this.protocol[edge] === none)
      this.protocol[edge] = this.textNumber(sighting.protocol)
    if (sighting.declared === true) {
      this.flags[edge] = before | couldFlag
      if ((before & didFlag) === 0) this.stretch(edge, time)
      return false
    }
    this.flags[edge] = before | didFlag
    this.count[edge] = this.count[edge]! + sighting.count
    if (sighting.bytes !== undefined) this.bytes[edge] = this.bytes[edge]! + sighting.bytes
    if (sighting.rows !== undefined) this.rows[edge] = this.rows[edge]! + sighting.rows
    if (sighting.refused === true) this.refused[edge] = this.refused[edge]! + sighting.count
    if (sighting.version !== undefined && time >= this.last[edge]!)
      this.version[edge] = this.textNumber(sighting.version)
    if ((before & didFlag) === 0) {
      // What counts from now on is when it happens, not since when it may.
      this.first[edge] = time
      this.last[edge] = time
      this._recentDays[edge] = 1
      this._earlierDays[edge] = 0
      return true
    }
    this.markDay(edge, time, this.last[edge]!)
    this.stretch(edge, time)
    return false
  }

  private stretch(edge: number, time: number): void {
    if (time < this.first[edge]!) this.first[edge] = time
    if (time > this.last[edge]!) this.last[edge] = time
  }

  private markDay(edge: number, time: number, before: number): void {
    const forward = Math.floor(time / dayMs) - Math.floor(before / dayMs)
    if (forward <= 0) {
      const back = -forward
      if (back < 32) this._recentDays[edge] = this._recentDays[edge]! | (1 << back)
      else if (back < 64) this._earlierDays[edge] = this._earlierDays[edge]! | (1 << (back - 32))
      return
    }
    const recent = this._recentDays[edge]!
    if (forward >= 64) {
      this._recentDays[edge] = 1
      this._earlierDays[edge] = 0
    } else if (forward >= 32) {
      this._earlierDays[edge] = forward === 32 ? recent : recent << (forward - 32)
      this._recentDays[edge] = 1
    } else {
      this._earlierDays[edge] = (this._earlierDays[edge]! << forward) | (recent >>> (32 - forward))
      this._recentDays[edge] = (recent << forward) | 1
    }
  }

  private link(edge: number, from: number, to: number): void {
    const most = Math.max(from, to)
    while (most >= this.outHeads.length) {
      const { length } = this.outHeads
      this.outHeads = grown(this.outHeads).fill(none, length)
      this.inHeads = grown(this.inHeads).fill(none, length)
    }
    this.nextOut[edge] = this.outHeads[from]!
    this.outHeads[from] = edge
    this.nextIn[edge] = this.inHeads[to]!
    this.inHeads[to] = edge
  }

  private slotOf(from: number, to: number, kind: number): number {
    const mask = this.slots.length - 1
    let hash = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b) ^ Math.imul(kind + 1, 0xc2b2ae35)
    hash ^= hash >>> 15
    let slot = Math.imul(hash, 0x2c1b3c6d) & mask
    for (;;) {
      const edge = this.slots[slot]!
      if (edge === none) return slot
      if (this.from[edge] === from && this.to[edge] === to && this.kinds[edge] === kind) return slot
      slot = (slot + 1) & mask
    }
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(none)
    for (let edge = 0; edge < this.length; edge += 1)
      this.slots[this.slotOf(this.from[edge]!, this.to[edge]!, this.kinds[edge]!)] = edge
  }

  private textNumber(text: string | undefined): number {
    if (text === undefined) return none
    const known = this.textNumbers.get(text)
    if (known !== undefined) return known
    // Names of protocols and versions; bounded, later ones are not told apart.
    if (this._texts.length >= maxTexts) return none
    const number = this._texts.push(text) - 1
    this.textNumbers.set(text, number)
    return number
  }

  /** The names of protocols and versions, by their numbers. */
  get texts(): readonly string[] {
    return this._texts
  }

  /** Everything that edges are made of, copied; numbers of nodes are those of the node table. */
  columns(): EdgeColumns {
    return {
      from: this.from.slice(0, this.length),
      to: this.to.slice(0, this.length),
      kinds: this.kinds.slice(0, this.length),
      flags: this.flags.slice(0, this.length),
      count: this.count.slice(0, this.length),
      bytes: this.bytes.slice(0, this.length),
      rows: this.rows.slice(0, this.length),
      refused: this.refused.slice(0, this.length),
      first: this.first.slice(0, this.length),
      last: this.last.slice(0, this.length),
      sources: this.sources.slice(0, this.length),
      protocol: this.protocol.slice(0, this.length),
      version: this.version.slice(0, this.length),
      recentDays: this._recentDays.slice(0, this.length),
      earlierDays: this._earlierDays.slice(0, this.length),
    }
  }

  private move(old: EdgeColumns, edge: number, into: number, from: number, to: number): void {
    this.from[into] = from
    this.to[into] = to
    this.kinds[into] = old.kinds[edge]!
    this.flags[into] = old.flags[edge]!
    this.count[into] = old.count[edge]!
    this.bytes[into] = old.bytes[edge]!
    this.rows[into] = old.rows[edge]!
    this.refused[into] = old.refused[edge]!
    this.first[into] = old.first[edge]!
    this.last[into] = old.last[edge]!
    this.sources[into] = old.sources[edge]!
    this.protocol[into] = old.protocol[edge]!
    this.version[into] = old.version[edge]!
    this._recentDays[into] = old.recentDays[edge]!
    this._earlierDays[into] = old.earlierDays[edge]!
    this.link(into, from, to)
  }

  private join(old: EdgeColumns, edge: number, into: number): void {
    this.flags[into] = this.flags[into]! | old.flags[edge]!
    this.sources[into] = this.sources[into]! | old.sources[edge]!
    this.count[into] = this.count[into]! + old.count[edge]!
    this.bytes[into] = this.bytes[into]! + old.bytes[edge]!
    this.rows[into] = this.rows[into]! + old.rows[edge]!
    this.refused[into] = this.refused[into]! + old.refused[edge]!
    if (this.protocol[into] === none) this.protocol[into] = old.protocol[edge]!
    const days = (BigInt(old.earlierDays[edge]!) << 32n) | BigInt(old.recentDays[edge]!)
    const mine = (BigInt(this._earlierDays[into]!) << 32n) | BigInt(this._recentDays[into]!)
    const lastDay = Math.floor(this.last[into]! / dayMs)
    const otherDay = Math.floor(old.last[edge]! / dayMs)
    const all =
      otherDay > lastDay
        ? days | (mine << BigInt(Math.min(64, otherDay - lastDay)))
        : mine | (days << BigInt(Math.min(64, lastDay - otherDay)))
    this._recentDays[into] = Number(all & 0xffffffffn)
    this._earlierDays[into] = Number((all >> 32n) & 0xffffffffn)
    if (old.last[edge]! > this.last[into]!) {
      this.last[into] = old.last[edge]!
      this.version[into] = old.version[edge]!
    }
    if (old.first[edge]! < this.first[into]!) this.first[into] = old.first[edge]!
  }

  private growColumns(): void {
    this.from = grown(this.from)
    this.to = grown(this.to)
    this.kinds = grown(this.kinds)
    this.flags = grown(this.flags)
    this.count = grown(this.count)
    this.bytes = grown(this.bytes)
    this.rows = grown(this.rows)
    this.refused = grown(this.refused)
    this.first = grown(this.first)
    this.last = grown(this.last)
    this.sources = grown(this.sources)
    this.protocol = grown(this.protocol)
    this.version = grown(this.version)
    this.nextOut = grown(this.nextOut)
    this.nextIn = grown(this.nextIn)
    this._recentDays = grown(this._recentDays)
    this._earlierDays = grown(this._earlierDays)
  }

  static {
    keptWhole(EdgeTable, 'graph/edge-table', 1)
  }
}

const maxTexts = 65_536

/** Edges in columns of one length. */
export interface EdgeColumns {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly kinds: Uint8Array
  readonly flags: Uint8Array
  readonly count: Float64Array
  readonly bytes: Float64Array
  readonly rows: Float64Array
  readonly refused: Float64Array
  readonly first: Float64Array
  readonly last: Float64Array
  readonly sources: Uint16Array
  readonly protocol: Int32Array
  readonly version: Int32Array
  readonly recentDays: Uint32Array
  readonly earlierDays: Uint32Array
}
