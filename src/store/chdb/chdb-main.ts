/**
 * The child process that holds the embedded ClickHouse: told its directory, port and credential over IPC, it serves
 * them until its parent says stop, goes away, or dies.
 */
import { loadEngine } from './engine.ts'
import { chdbFront } from './front.ts'

export interface ChdbOrder {
  readonly directory: string
  /** 0 for any free one. */
  readonly port: number
  readonly username: string
  readonly password: string
}

export type ChdbWord =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }

const tell = (word: ChdbWord, after: () => void = () => {}): void => {
  if (process.connected) process.send?.(word, after)
  else after()
}

/** Says why and ends. By signal: an engine that failed to open keeps an orderly exit waiting. */
const fail = (message: string): void =>
  tell({ type: 'failed', message }, () => process.kill(process.pid, 'SIGKILL'))

function serve(order: ChdbOrder): void {
  const engine = loadEngine(order.directory)
  // Held open for as long as the process lives: with the last connection the engine would shut down.
  const anchor = engine.connect()
  const server = chdbFront({
    engine,
    username: order.username,
    password: order.password,
    concurrency: 4,
    waiting: 256,
    bodyBytes: 256 * 1024 * 1024,
  })
  server.once('error', error => fail(error.message))
  server.listen(order.port, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) tell({ type: 'ready', port: address.port })
  })
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    // Whatever is acknowledged is on disk: being too slow to close is no reason to stay.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2_000).unref()
    server.close()
    server.closeIdleConnections()
    engine
      .drain()
      .then(() => anchor.close())
      .finally(() => process.exit(0))
  }
  process.once('disconnect', stop)
  // A signal to the whole group (a terminal's interrupt, a service manager's stop) reaches this process as well; the
  // parent still has calls to write, and says by `disconnect` when it is done.
  process.on('SIGTERM', () => {})
  process.on('SIGINT', () => {})
}

process.once('message', order => {
  try {
    serve(order as ChdbOrder)
  } catch (thrown) {
    fail(thrown instanceof Error ? thrown.message : String(thrown))
  }
})
