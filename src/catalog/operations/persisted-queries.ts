import type { Operation } from '../../call/protocols/operation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'

const prefix = 'persisted:'

/** What the persisted query with a hash asks for at a host. */
export interface PersistedQuery {
  readonly host: string
  readonly hash: string
  readonly name: string
  readonly kind?: NonNullable<Operation['kind']>
}

/**
 * What the persisted GraphQL queries of each host ask for, learned from the calls that brought text and hash together
 * (and whose hash is the text's). At most `capacity`; the longest unused is forgotten and keeps its hash as a name.
 */
export class PersistedQueries {
  private readonly known: BoundedMap<string, Pick<Operation, 'name' | 'kind'>>
  /** Rises with every query that was not known, or not as this. */
  version = 0

  constructor(capacity: number) {
    this.known = new BoundedMap(capacity)
  }

  /** The operation under the name of what it asks for, where that is known. */
  named(host: string, operation: Operation): Operation {
    const { persisted } = operation
    if (persisted === undefined) return operation
    const key = `${host}\0${persisted}`
    if (!operation.name.startsWith(prefix)) {
      if (operation.registers === true) {
        const { name, kind } = operation
        if (this.known.get(key)?.name !== name) this.version += 1
        this.known.set(key, { name, ...(kind === undefined ? {} : { kind }) })
      }
      return operation
    }
    const known = this.known.get(key)
    return known === undefined ? operation : { ...operation, ...known }
  }

  /** What is known, as plain data: a gateway needs it to name what a hash asks for. The longest unused first. */
  entries(): readonly PersistedQuery[] {
    return [...this.known.entries()].map(([key, { name, kind }]) => {
      const cut = key.indexOf('\0')
      const told = { host: key.slice(0, cut), hash: key.slice(cut + 1), name }
      return kind === undefined ? told : { ...told, kind }
    })
  }

  /** Takes over what another learned. */
  restore(entries: readonly PersistedQuery[]): void {
    for (const { host, hash, name, kind } of entries)
      this.known.set(`${host}\0${hash}`, kind === undefined ? { name } : { name, kind })
  }

  get size(): number {
    return this.known.size
  }

  static {
    keptWhole(PersistedQueries, 'catalog/persisted-queries', 1)
  }
}
