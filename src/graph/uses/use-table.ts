import { BoundedMap } from '../../kit/bounded-map.ts'
import { atOnce, type Sliced } from '../../kit/sliced.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { NodeId } from '../node.ts'
import type { Use, UseDay, UseKey } from './use.ts'

const dayMs = 86_400_000
/** Days for which counts are kept. */
export const usedDays = 32
const maxAddresses = 16
/** Paths of one workload that are told apart, of programs and of files each. */
const maxPaths = 2_000

interface Row {
  readonly key: UseKey
  firstSeen: number
  lastSeen: number
  /** By day modulo `usedDays`; those of `lastDay` and the days before it. */
  lastDay: number
  readonly counts: Uint32Array
  refused: Uint32Array | undefined
  readonly addresses: string[]
}

/** What a table of uses keeps, as plain data. `counts` and `refused` hold `usedDays` numbers a row. */
export interface UseState {
  readonly rows: readonly (Pick<Row, 'key' | 'firstSeen' | 'lastSeen' | 'lastDay'> & {
    readonly addresses: readonly string[]
  })[]
  readonly counts: Uint32Array
  readonly refused: Uint32Array
  readonly aliases: readonly (readonly [from: string, to: string])[]
  readonly labels: readonly (readonly [workload: string, labels: Readonly<Record<string, string>>])[]
}

/**
 * How often things were used on each of the last 32 days. Bounded: the longest unused goes first and is counted; of one workload at most
 * 2,000 programs and 2,000 files are told apart, further ones are counted in `untoldPaths`.
 */
export class UseTable {
  private readonly _rows: BoundedMap<string, Row>
  private readonly _aliases: BoundedMap<string, string>
  private readonly _labels: BoundedMap<string, Readonly<Record<string, string>>>
  private readonly paths = new Map<string, number>()
  /** Uses of paths that were not told apart for room. */
  untoldPaths = 0
  /** When anything was used last, ms since the epoch; 0 before anything was. */
  lastSeen = 0

  constructor(capacity: number) {
    this._rows = new BoundedMap(capacity, (_, row) => this.forgetPath(row.key))
    this._aliases = new BoundedMap(capacity)
    this._labels = new BoundedMap(capacity)
  }

  get size(): number {
    return this._rows.size
  }

  /** Uses dropped for room since the start. */
  get evicted(): number {
    return this._rows.evicted
  }

  add(
    key: UseKey,
    time: number,
    { refused = false, address }: { refused?: boolean; address?: string } = {},
  ): void {
    const text = lastTextOf(key)
    let row = this._rows.get(text)
    if (row === undefined) {
      if (!this.roomForPath(key)) return
      row = {
        key,
        firstSeen: time,
        lastSeen: time,
        lastDay: Math.floor(time / dayMs),
        counts: new Uint32Array(usedDays),
        refused: undefined,
        addresses: [],
      }
      this._rows.set(text, row)
    }
    if (time > this.lastSeen) this.lastSeen = time
    if (time > row.lastSeen) row.lastSeen = time
    if (time < row.firstSeen) row.firstSeen = time
    if (address !== undefined && row.addresses.length < maxAddresses && !row.addresses.includes(address))
      row.addresses.push(address)
    const day = Math.floor(time / dayMs)
    if (day > row.lastDay) advance(row, day)
    if (day <= row.lastDay - usedDays) return
    const slot = slotOf(day)
    row.counts[slot] = row.counts[slot]! + 1
    if (!refused) return
    row.refused ??= new Uint32Array(usedDays)
    row.refused[slot] = row.refused[slot]! + 1
  }

  /** `from` goes by the name `to` from now on: an endpoint that was merged into another. */
  rename(from: NodeId, to: NodeId): void {
    if (from !== to) this._aliases.set(from, to)
  }

  /** Labels that an event gave a workload, in place of those given before. */
  label(workload: NodeId, labels: Readonly<Record<string, string>>): void {
    this._labels.set(workload, labels)
  }

  labelsOf(workload: NodeId): Readonly<Record<string, string>> | undefined {
    return this._labels.peek(workload)
  }

  /**
   * All uses, with the names that nodes have now; those that are the same by now are one. In the order of their keys.
   * @param nowCalled The present name of a node.
   */
  all(nowCalled: (id: NodeId) => NodeId = id => id): readonly Use[] {
    return atOnce(this.reading(nowCalled))
  }

  /** The same in slices. What is counted meanwhile may be told or not. */
  *reading(nowCalled: (id: NodeId) => NodeId): Sliced<readonly Use[]> {
    const found = new Map<string, Use>()
    const current = (id: string): string => nowCalled(this.unaliased(id) as NodeId)
    // Rows move to the end as they are used: what is walked must stand still.
    for (const [index, [, row]] of [...this._rows.entries()].entries()) {
      if (index % rowsAtOnce === 0) yield
      const { from, to, server, ...rest } = row.key
      const onNode = row.key.kind === 'asks' || row.key.kind === 'connects'
      const key: UseKey = {
        ...rest,
        to: onNode ? current(to) : to,
        ...(from === undefined ? {} : { from: current(from) as NodeId }),
        ...(server === undefined ? {} : { server: current(server) as NodeId }),
      }
      const text = textOf(key)
      const before = found.get(text)
      const use = told(key, row)
      found.set(text, before === undefined ? use : joined(before, use))
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, use]) => use)
  }

  /** Everything that is kept, as plain data, the longest unused first. */
  state(): UseState {
    const rows = [...this._rows.entries()].map(([, row]) => row)
    const counts = new Uint32Array(rows.length * usedDays)
    const refused = new Uint32Array(rows.length * usedDays)
    for (const [index, row] of rows.entries()) {
      counts.set(row.counts, index * usedDays)
      if (row.refused !== undefined) refused.set(row.refused, index * usedDays)
    }
    return {
      rows: rows.map(({ key, firstSeen, lastSeen, lastDay, addresses }) => ({
        key,
        firstSeen,
        lastSeen,
        lastDay,
        addresses,
      })),
      counts,
      refused,
      aliases: [...this._aliases.entries()],
      labels: [...this._labels.entries()],
    }
  }

  /** Takes what a table kept into this one, which is empty. */
  load({ rows, counts, refused, aliases, labels }: UseState): void {
    for (const [index, { key, addresses, ...row }] of rows.entries()) {
      if (!this.roomForPath(key)) continue
      const at = index * usedDays
      const own = refused.slice(at, at + usedDays)
      this._rows.set(textOf(key), {
        ...row,
        key,
        addresses: [...addresses],
        counts: counts.slice(at, at + usedDays),
        refused: own.some(count => count > 0) ? own : undefined,
      })
      if (row.lastSeen > this.lastSeen) this.lastSeen = row.lastSeen
    }
    for (const [from, to] of aliases) this._aliases.set(from, to)
    for (const [workload, own] of labels) this._labels.set(workload, own)
  }

  private unaliased(id: string): string {
    let at = id
    for (let steps = 0; steps < 64; steps += 1) {
      const next = this._aliases.peek(at)
      if (next === undefined) return at
      at = next
    }
    return at
  }

  private roomForPath(key: UseKey): boolean {
    const counter = pathCounter(key)
    if (counter === undefined) return true
    const paths = this.paths.get(counter) ?? 0
    if (paths >= maxPaths) {
      this.untoldPaths += 1
      return false
    }
    this.paths.set(counter, paths + 1)
    return true
  }

  private forgetPath(key: UseKey): void {
    const counter = pathCounter(key)
    if (counter === undefined) return
    const left = (this.paths.get(counter) ?? 1) - 1
    if (left <= 0) this.paths.delete(counter)
    else this.paths.set(counter, left)
  }

  static {
    keptWhole(UseTable, 'graph/use-table', 1)
  }
}

const pathCounter = (key: UseKey): string | undefined =>
  key.kind === 'runs' || key.kind === 'opens' ? `${key.kind} ${key.from}` : undefined

const textOf = ({ kind, from, to, server, principal, port, protocol, writes }: UseKey): string =>
  `${kind}\0${from ?? ''}\0${to}\0${server ?? ''}\0${principal ?? ''}\0${port ?? ''}\0${protocol ?? ''}\0${writes ?? ''}`

const mostTexts = 4_096
/** What is used → how it was used last, and the text of that: mostly it is used the same way again. */
const lastTexts = new Map<string, { readonly key: UseKey; readonly text: string }>()

/** `textOf`, put together only where the use differs from the last one of the same thing. */
function lastTextOf(key: UseKey): string {
  const last = lastTexts.get(key.to)
  if (
    last !== undefined &&
    last.key.kind === key.kind &&
    last.key.from === key.from &&
    last.key.server === key.server &&
    last.key.principal === key.principal &&
    last.key.port === key.port &&
    last.key.protocol === key.protocol &&
    last.key.writes === key.writes
  )
    return last.text
  const text = textOf(key)
  if (lastTexts.size >= mostTexts) lastTexts.clear()
  lastTexts.set(key.to, { key, text })
  return text
}

/** Rows that are read before the thread may be left to others. */
const rowsAtOnce = 500

const slotOf = (day: number): number => ((day % usedDays) + usedDays) % usedDays

function advance(row: Row, day: number): void {
  for (let passed = Math.max(row.lastDay + 1, day - usedDays + 1); passed <= day; passed += 1) {
    row.counts[slotOf(passed)] = 0
    if (row.refused !== undefined) row.refused[slotOf(passed)] = 0
  }
  row.lastDay = day
}

function told(key: UseKey, row: Row): Use {
  const days: UseDay[] = []
  for (let day = row.lastDay - usedDays + 1; day <= row.lastDay; day += 1) {
    const count = row.counts[slotOf(day)]!
    if (count > 0) days.push({ day, count, refused: row.refused?.[slotOf(day)] ?? 0 })
  }
  return {
    ...key,
    firstSeen: row.firstSeen,
    lastSeen: row.lastSeen,
    days,
    addresses: [...row.addresses].sort(),
  }
}

function joined(a: Use, b: Use): Use {
  const days = new Map(a.days.map(day => [day.day, day]))
  for (const { day, count, refused } of b.days) {
    const same = days.get(day)
    days.set(day, { day, count: count + (same?.count ?? 0), refused: refused + (same?.refused ?? 0) })
  }
  return {
    ...a,
    firstSeen: Math.min(a.firstSeen, b.firstSeen),
    lastSeen: Math.max(a.lastSeen, b.lastSeen),
    days: [...days.values()].sort((x, y) => x.day - y.day),
    addresses: [...new Set([...a.addresses, ...b.addresses])].sort().slice(0, maxAddresses),
  }
}
