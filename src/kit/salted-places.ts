import { hash } from 'node:crypto'
import { BoundedMap } from './bounded-map.ts'
import type { Place, SharedTable } from './shared-table.ts'

/** Keys whose place is remembered: finding it anew takes a microsecond. */
const knownKeys = 10_000

/**
 * Where keys stand in a shared table, by a salted hash of each: whoever chooses keys can choose neither one that falls on another's nor
 * nine that push each other out. All views of one table have to take the same salt.
 */
export class SaltedPlaces {
  readonly #table: SharedTable
  readonly #salt: string
  readonly #known = new BoundedMap<string, Place>(knownKeys)

  constructor(table: SharedTable, salt: Int32Array) {
    this.#table = table
    this.#salt = Buffer.from(salt.buffer, salt.byteOffset, salt.byteLength).toString('hex')
  }

  of(key: string): Place {
    return this.#known.ensure(key, () => {
      const digest = hash('sha256', this.#salt + key, 'buffer')
      return this.#table.place(digest.readUInt32LE(8), digest.readInt32LE(0), digest.readInt32LE(4))
    })
  }
}
