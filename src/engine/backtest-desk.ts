import { Worker } from 'node:worker_threads'
import { SallyportError } from '../kit/error.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import type { BacktestResult } from './backtest.ts'
import type { BacktestWorkerData, FromBacktest, ToBacktest } from './protocol.ts'

/** Recorded calls that one test reads at most: the newest. */
export const mostTested = 50_000
/** What a test may take; then it tells what it has, and what does not even do that is ended. */
const withinMs = 45_000
const patienceMs = 60_000
const batchSize = 250

/** Runs backtests in a thread of their own, one at a time: analysis goes on beside them. */
export class BacktestDesk {
  readonly #calls: CallStore
  #running: Worker | undefined

  /** @param calls Read here where the thread cannot reach it. */
  constructor(calls: CallStore) {
    this.#calls = calls
  }

  /** Rejects with `server/busy` while another runs, or where it takes more than a minute. */
  async run(asked: Omit<BacktestWorkerData, 'withinMs'>): Promise<BacktestResult> {
    if (this.#running !== undefined)
      throw new SallyportError('server/busy', 'Another detector is being tested.', {
        mend: 'Ask again in a minute.',
      })
    const worker = new Worker(new URL('./backtest-worker.ts', import.meta.url), {
      workerData: { ...asked, withinMs } satisfies BacktestWorkerData,
      name: 'backtest',
      resourceLimits: { maxOldGenerationSizeMb: 1_024 },
    })
    this.#running = worker
    const { promise, resolve, reject } = Promise.withResolvers<BacktestResult>()
    const slow = new SallyportError('server/busy', 'The test took too long and was ended.', {
      mend: 'Test fewer calls: give a later `since`.',
    })
    const patience = setTimeout(() => reject(slow), patienceMs)
    const batches = asked.store === undefined ? this.#batches(asked.since) : undefined
    worker.on('message', (message: FromBacktest) => {
      if (message.type === 'done') resolve(message.result)
      else if (message.type === 'failed') reject(SallyportError.fromPlain(message))
      else void feed(worker, batches).catch(reject)
    })
    worker.on('error', cause =>
      reject(new SallyportError('server/busy', 'The test could not be finished.', { cause })),
    )
    worker.on('exit', () => reject(new SallyportError('server/busy', 'The test was ended.')))
    try {
      return await promise
    } finally {
      clearTimeout(patience)
      this.#running = undefined
      await worker.terminate()
    }
  }

  async close(): Promise<void> {
    await this.#running?.terminate()
  }

  async *#batches(since: number | undefined): AsyncGenerator<readonly StoredCall[]> {
    let batch: StoredCall[] = []
    for await (const stored of this.#calls.replay(mostTested, since)) {
      batch.push(stored)
      if (batch.length < batchSize) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }
}

async function feed(
  worker: Worker,
  batches: AsyncGenerator<readonly StoredCall[]> | undefined,
): Promise<void> {
  const next = await batches?.next()
  const message: ToBacktest =
    next === undefined || next.done === true ? { type: 'end' } : { type: 'calls', calls: next.value }
  worker.postMessage(message)
}
