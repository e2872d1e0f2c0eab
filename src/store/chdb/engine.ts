import { createRequire } from 'node:module'

// What is used of chdb, in its own words: the package is optional, so its types must not be needed to compile.

export interface ChdbChunk {
  raw(): Uint8Array
}

export interface ChdbStream extends AsyncIterable<ChdbChunk> {
  cancel(): void
}

/** One connection. Settings and parameters given with `SET` are its own and end with it. */
export interface ChdbSession {
  queryAsync(
    sql: string,
    options?: { readonly format?: string },
  ): Promise<{ bytes(): Uint8Array; readonly rowsRead: number }>
  queryStream(sql: string, options: { readonly format: string }): ChdbStream
  insert(options: {
    readonly table: string
    readonly columns?: readonly string[]
    readonly values: Uint8Array
    readonly format: string
  }): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number }>
  close(): void
}

/** Opens connections to the engine of one directory; there can be only one directory per process. */
export interface ChdbEngine {
  connect(): ChdbSession
  /** Waits until nothing runs in the engine any more. */
  drain(): Promise<void>
}

interface ChdbModule {
  readonly Session: new (directory: string) => ChdbSession
  drainPending(): Promise<void>
}

export function loadEngine(directory: string): ChdbEngine {
  const chdb = createRequire(import.meta.url)('chdb') as ChdbModule
  return {
    connect: () => new chdb.Session(directory),
    drain: () => chdb.drainPending(),
  }
}
