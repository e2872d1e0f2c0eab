import { keptWhole } from '../../kit/snapshot.ts'
import type { FieldNode } from './field-node.ts'

/** Names above which a table has an index beside its two lists. */
const indexFrom = 24

/**
 * The fields of an object by name, in the order they were first seen. Two lists are a fraction of what a hash table takes, and objects of
 * one kind name their fields in one order: the place after the last one found is looked at first.
 */
export class FieldTable {
  private _keys: string[] = []
  private nodes: FieldNode[] = []
  private index: Map<string, number> | undefined

  get size(): number {
    return this._keys.length
  }

  /** Where a name stands, -1 where it does not. @param hint Where it is likely to. */
  find(key: string, hint = 0): number {
    if (this._keys[hint] === key) return hint
    if (this.index !== undefined) return this.index.get(key) ?? -1
    return this._keys.indexOf(key)
  }

  at(place: number): FieldNode {
    return this.nodes[place]!
  }

  keyAt(place: number): string {
    return this._keys[place]!
  }

  get(key: string): FieldNode | undefined {
    const place = this.find(key)
    return place < 0 ? undefined : this.nodes[place]
  }

  /** Adds a name that is not there yet. */
  add(key: string, node: FieldNode): void {
    const { length } = this._keys
    if (this.index === undefined && length >= indexFrom) {
      this.index = new Map()
      for (let place = 0; place < length; place += 1) this.index.set(this._keys[place]!, place)
    }
    this.index?.set(key, length)
    this._keys = grown(this._keys, key)
    this.nodes = grown(this.nodes, node)
  }

  keys(): readonly string[] {
    return this._keys
  }

  values(): readonly FieldNode[] {
    return this.nodes
  }

  *[Symbol.iterator](): Generator<readonly [name: string, node: FieldNode]> {
    for (let place = 0; place < this._keys.length; place += 1) yield [this._keys[place]!, this.nodes[place]!]
  }

  static {
    keptWhole(FieldTable, 'catalog/field-table', 1)
  }
}

/**
 * The list with one more. A list that is pushed to keeps room for 17 more from its first element on; one made to
 * measure does not. Long lists are pushed to: there the room is a small part.
 */
export function grown<Item>(items: Item[], item: Item): Item[] {
  if (items.length < 32) return items.concat([item])
  items.push(item)
  return items
}
