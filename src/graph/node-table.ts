import { keptWhole } from '../kit/snapshot.ts'
import { type NodeFacts, type NodeId, type NodeKind, nodeKinds } from './node.ts'

const noFacts: NodeFacts = Object.freeze({})

/** Nodes in columns, named by small numbers that stay theirs until they are removed. */
export class NodeTable {
  private readonly numberOfId = new Map<NodeId, number>()
  private readonly counts = new Uint32Array(nodeKinds.length)
  private readonly _free: number[] = []
  ids: (NodeId | undefined)[] = []
  facts: NodeFacts[] = []
  kinds = new Uint8Array(1024)
  first = new Float64Array(1024)
  last = new Float64Array(1024)
  /** 1 for a node that was only declared: no event named it. */
  declared = new Uint8Array(1024)
  /** Events that named it. */
  events = new Float64Array(1024)
  /** Numbers given out so far: each column is this long. */
  length = 0

  get size(): number {
    return this.numberOfId.size
  }

  countOf(kind: NodeKind): number {
    return this.counts[nodeKinds.indexOf(kind)] ?? 0
  }

  numberOf(id: NodeId): number | undefined {
    return this.numberOfId.get(id)
  }

  /** The node's number; made where it is new. */
  ensure(id: NodeId, kind: NodeKind, time: number): number {
    const known = this.numberOfId.get(id)
    if (known !== undefined) {
      this.touch(known, time)
      return known
    }
    const number = this._free.pop() ?? this.extend()
    const kindNumber = nodeKinds.indexOf(kind)
    this.numberOfId.set(id, number)
    this.ids[number] = id
    this.facts[number] = noFacts
    this.kinds[number] = kindNumber
    this.first[number] = time
    this.last[number] = time
    this.events[number] = 0
    this.declared[number] = 0
    this.counts[kindNumber] = (this.counts[kindNumber] ?? 0) + 1
    return number
  }

  touch(number: number, time: number): void {
    if (time > this.last[number]!) this.last[number] = time
    else if (time < this.first[number]!) this.first[number] = time
  }

  kindOf(number: number): NodeKind {
    return nodeKinds[this.kinds[number]!]!
  }

  remove(number: number): void {
    this.detach(number)
    this.free(number)
  }

  /** Its name is nobody's from now on; its number is not given out again before `free`. */
  detach(number: number): void {
    const id = this.ids[number]
    if (id === undefined) return
    this.numberOfId.delete(id)
    this.ids[number] = undefined
    this.facts[number] = noFacts
    const kind = this.kinds[number]!
    this.counts[kind] = this.counts[kind]! - 1
  }

  free(number: number): void {
    this._free.push(number)
  }

  /** Numbers of all nodes there are. */
  *numbers(): Generator<number> {
    for (let number = 0; number < this.length; number += 1) if (this.ids[number] !== undefined) yield number
  }

  private extend(): number {
    const number = this.length
    this.length += 1
    if (number === this.kinds.length) {
      this.kinds = grown(this.kinds)
      this.first = grown(this.first)
      this.last = grown(this.last)
      this.events = grown(this.events)
      this.declared = grown(this.declared)
    }
    return number
  }

  static {
    keptWhole(NodeTable, 'graph/node-table', 1)
  }
}

/** The same values in twice the room. */
export function grown<Column extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
  column: Column,
): Column {
  const Kind = column.constructor as new (length: number) => Column
  const wider = new Kind(column.length * 2)
  wider.set(column as never)
  return wider
}
