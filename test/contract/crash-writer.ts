/**
 * The process that crash tests kill. Told what to write and where (`calls` or `state`, a path), it appends for ever and
 * prints a line for each acknowledgement, `ack <number>`; for calls, `engine <pid>` comes first.
 */
import { setImmediate } from 'node:timers/promises'
import { startChdb } from '../../src/store/chdb/chdb-process.ts'
import { ClickHouseCallStore } from '../../src/store/clickhouse/call-store.ts'
import { SqliteStateStore } from '../../src/store/sqlite/state-store.ts'
import { aCall } from './call-store.ts'
import { aSignal } from './state-store.ts'

export const batchSize = 20
export const signalsPerBatch = 3

/** Batch `number`, the same rows each time it is made. */
export const callBatch = (number: number) =>
  Array.from({ length: batchSize }, (_, index) => aCall(number * batchSize + index))
export const callToken = (number: number): string => `writer:${number}`
export const signalBatch = (number: number) =>
  Array.from({ length: signalsPerBatch }, (_, index) => aSignal(number * signalsPerBatch + index))

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function writeCalls(directory: string): Promise<void> {
  const chdb = await startChdb({ directory, log: () => {}, backOff: { first: 1, longest: 20 } })
  say(`engine ${chdb.pid}`)
  const store = await ClickHouseCallStore.open(chdb)
  for (let number = 0; ; number += 1) {
    for (;;) {
      try {
        await store.append(callBatch(number), callToken(number))
        break
      } catch {
        // The engine is down or was killed in the middle: the same batch again, with the same token.
        await setImmediate()
      }
    }
    say(`ack ${number}`)
  }
}

async function writeState(file: string): Promise<void> {
  const store = await SqliteStateStore.open({ file })
  for (let number = 0; ; number += 1) {
    await store.putFindings({ signals: signalBatch(number), incidents: [] })
    await store.audit({
      time: number,
      actor: 'cli',
      action: 'policy.put',
      target: `p${number}`,
      detail: { number },
    })
    say(`ack ${number}`)
    // Lets the line leave before the next write blocks the loop.
    await setImmediate()
  }
}

if (import.meta.main) {
  const [kind, path] = process.argv.slice(2)
  if (path !== undefined && kind === 'calls') await writeCalls(path)
  if (path !== undefined && kind === 'state') await writeState(path)
}
