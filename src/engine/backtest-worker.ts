import { parentPort, workerData } from 'node:worker_threads'
import type { SallyportEvent } from '../call/event.ts'
import { readCustomClasses } from '../catalog/data-classes/custom.ts'
import { classesWith } from '../catalog/data-classes/registry/standard.ts'
import { SallyportError } from '../kit/error.ts'
import { ClickHouseCallStore } from '../store/clickhouse/call-store.ts'
import { Backtest } from './backtest.ts'
import { mostTested } from './backtest-desk.ts'
import type { BacktestWorkerData, FromBacktest, ToBacktest } from './protocol.ts'

/** Runs one backtest beside the analysis, and ends. */
const data = workerData as BacktestWorkerData
const port = parentPort
if (port === null) throw new Error('a backtest runs as a worker thread')
const tell = (message: FromBacktest): void => port.postMessage(message)

const deadline = performance.now() + data.withinMs

function begun(): Backtest {
  const { dataClasses, detector, before, after } = data
  return new Backtest(detector, before, after, {
    ...(data.exceptions === undefined ? {} : { exceptions: data.exceptions }),
    ...(dataClasses === undefined
      ? {}
      : { catalog: { classes: classesWith(readCustomClasses(dataClasses.source, dataClasses.file)) } }),
  })
}

async function* fromStore(): AsyncGenerator<SallyportEvent> {
  if (data.store === undefined) return
  const store = await ClickHouseCallStore.open(data.store)
  try {
    for await (const { call } of store.replay(mostTested, data.since)) yield call
  } finally {
    await store.close()
  }
}

/** Batches that the main thread sends, until it says that there are no more. */
async function* fromMain(): AsyncGenerator<SallyportEvent> {
  const batches: Extract<ToBacktest, { type: 'calls' }>[] = []
  let ended = false
  let wake = Promise.withResolvers<void>()
  port?.on('message', (message: ToBacktest) => {
    if (message.type === 'end') ended = true
    else batches.push(message)
    wake.resolve()
  })
  tell({ type: 'ready' })
  while (true) {
    const batch = batches.shift()
    if (batch !== undefined) {
      for (const { call } of batch.calls) yield call
      tell({ type: 'ready' })
    } else if (ended) return
    else {
      await wake.promise
      wake = Promise.withResolvers<void>()
    }
  }
}

try {
  const backtest = begun()
  let read = 0
  let late = false
  for await (const event of data.store === undefined ? fromMain() : fromStore()) {
    backtest.observe(event)
    read += 1
    late = performance.now() > deadline
    if (late) break
  }
  tell({ type: 'done', result: backtest.result(late || read >= mostTested) })
} catch (thrown) {
  tell({ type: 'failed', ...SallyportError.from(thrown).toPlain() })
}
port.close()
