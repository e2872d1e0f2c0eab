import { join } from 'node:path'
import { SallyportError } from '../kit/error.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { chdbAvailability, startChdb } from '../store/chdb/chdb-process.ts'
import { ClickHouseCallStore } from '../store/clickhouse/call-store.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { Config } from './config.ts'

/** An open calls store. */
export interface OpenCallStore {
  readonly store: CallStore
  readonly driver: 'chdb' | 'clickhouse' | 'memory'
  /** How a thread of its own reaches it; absent for memory, which lives where it was made. */
  readonly address?: { readonly url: string; readonly username: string; readonly password: string }
  /** Process id of the child that holds the data, where there is one. */
  readonly pid?: () => number | undefined
  close(): Promise<void>
}

/** How a store stands that takes nothing, told among the sensors: what they see is not kept. */
export const storeHealth = (driver: OpenCallStore['driver'], trouble: string): SensorHealth => ({
  id: 'calls-store',
  kind: driver,
  state: 'degraded',
  events: 0,
  dropped: 0,
  rejected: 0,
  detail: trouble,
})

/** Which driver the configuration comes to on this machine, and why it is not the one wished for. */
export function storeAvailability(calls: Config['calls']): {
  readonly driver: 'chdb' | 'clickhouse' | 'memory'
  readonly reason?: string
} {
  if (calls.driver === 'memory') return { driver: 'memory' }
  if (calls.driver === 'clickhouse') return { driver: 'clickhouse' }
  const { available, reason } = chdbAvailability()
  return available ? { driver: 'chdb' } : { driver: 'memory', reason: reason ?? 'chdb does not run here' }
}

/**
 * Opens the calls store that the configuration asks for.
 * @throws SallyportError `config/invalid` when `chdb` is demanded and does not run here, or `clickhouse` has no URL.
 */
export async function openCallStore(
  config: Config,
  directory: string,
  log: (line: string) => void,
): Promise<OpenCallStore> {
  const { driver, reason } = storeAvailability(config.calls)
  if (driver === 'memory') {
    if (config.calls.driver === 'chdb') {
      throw new SallyportError('config/invalid', `The chdb driver does not run here: ${reason}.`, {
        where: 'calls.driver',
        mend: 'Use auto, memory, or a ClickHouse server.',
      })
    }
    if (reason !== undefined) log(`Calls are kept in memory and will not survive a restart: ${reason}.`)
    const store = new MemoryCallStore({ capacity: config.calls.memoryLimit })
    return { store, driver, close: () => store.close() }
  }
  if (driver === 'clickhouse') {
    const { url, username, password } = config.calls
    if (url === undefined) {
      throw new SallyportError('config/invalid', 'The clickhouse driver needs the address of a server.', {
        where: 'calls.url',
        mend: 'Set calls.url, e.g. http://127.0.0.1:8123.',
      })
    }
    const address = { url, username, password }
    const store = await ClickHouseCallStore.open(address)
    return { store, driver, address, close: () => store.close() }
  }
  const child = await startChdb({ directory: join(directory, 'calls'), log })
  const address = { url: child.url, username: child.username, password: child.password }
  const store = await ClickHouseCallStore.open(address)
  return {
    store,
    driver,
    address,
    pid: () => child.pid,
    close: async () => {
      await store.close()
      await child.close()
    },
  }
}
