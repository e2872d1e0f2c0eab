import type { Operation } from '../../call/protocols/operation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'

const prefix = 'persisted:'

/**
 * What the persisted GraphQL queries of each host ask for, learned from the calls that brought text and hash together
 * (and whose hash is the text's). At most `capacity`; the longest unused is forgotten and keeps its hash as a name.
 */
export class PersistedQueries {
  readonly #known: BoundedMap<string, Pick<Operation, 'name' | 'kind'>>

  constructor(capacity: number) {
    this.#known = new BoundedMap(capacity)
  }

  /** The operation under the name of what it asks for, where that is known. */
  named(host: string, operation: Operation): Operation {
    const { persisted } = operation
    if (persisted === undefined) return operation
    const key = `${host}\0${persisted}`
    if (!operation.name.startsWith(prefix)) {
      if (operation.registers === true) {
        const { name, kind } = operation
        this.#known.set(key, { name, ...(kind === undefined ? {} : { kind }) })
      }
      return operation
    }
    const known = this.#known.get(key)
    return known === undefined ? operation : { ...operation, ...known }
  }

  get size(): number {
    return this.#known.size
  }
}
