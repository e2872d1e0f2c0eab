import { randomBytes } from 'node:crypto'
import type { CatalogFile } from '../catalog/ownership/catalog-file.ts'
import type { WatchedPolicy } from '../enforce/rollout-watch.ts'
import type { Clock } from '../kit/clock.ts'
import type { CounterSet } from '../kit/counters.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { CatalogDesk } from './catalog-desk.ts'
import { GraphDesk } from './graph-desk.ts'
import type { AnalysisWorkerData, FromAnalysis, SpecSource, ToAnalysis } from './protocol.ts'
import { SpecDesk } from './spec-desk.ts'
import { Thread } from './thread.ts'
import { TuningDesk } from './tuning-desk.ts'

/** What analysis found, and how it is; the rest of what it says answers what it was asked or told. */
export type AnalysisReport = Extract<
  FromAnalysis,
  { readonly type: 'ready' | 'snapshot' | 'store' | 'calls' | 'catalog' | 'report' }
>

export interface AnalysisThreadOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly counters: CounterSet
  readonly log: (line: string) => void
  /** What the catalog file says; undefined without one. */
  readonly catalogFile: CatalogFile | undefined
  /** What it starts from, besides what people said so far. */
  readonly data: Omit<AnalysisWorkerData, 'specs' | 'directions' | 'tuning' | 'held' | 'instance'>
  /** Told the specifications each time that they were read. */
  readonly specified: (specs: readonly SpecSource[]) => void
  readonly take: (report: AnalysisReport) => void
}

/** The thread of analysis, and the desks over which people and control speak to it. */
export class AnalysisThread {
  readonly specs: SpecDesk
  readonly directions: CatalogDesk
  readonly tuning: TuningDesk
  /** The graph is in that thread; here are only questions to it. */
  readonly graph: GraphDesk
  readonly #options: AnalysisThreadOptions
  /** Calls that it took and the store has not acknowledged. */
  readonly #held = new SharedArrayBuffer(4)
  #thread: Thread<ToAnalysis, FromAnalysis> | undefined

  constructor(options: AnalysisThreadOptions) {
    this.#options = options
    const { state, clock, log, catalogFile, specified } = options
    this.specs = new SpecDesk({
      state,
      read: specified,
      post: specs => this.#post({ type: 'specify', specs }),
    })
    this.directions = new CatalogDesk({
      ...{ state, clock, log },
      file: catalogFile,
      post: directions => this.#post({ type: 'direct', directions }),
    })
    this.tuning = new TuningDesk({ state, log, post: tuning => this.#post({ type: 'tune', tuning }) })
    this.graph = new GraphDesk(question => this.#post(question))
  }

  /** Reads what people said so far: to be done before the start. */
  async read(): Promise<void> {
    await this.specs.read()
    await this.directions.read()
    await this.tuning.read()
  }

  /** Resolves when it has learned again from what was recorded. */
  start(): Promise<void> {
    const { counters, log } = this.#options
    const ready = Promise.withResolvers<void>()
    const thread: Thread<ToAnalysis, FromAnalysis> = new Thread<ToAnalysis, FromAnalysis>({
      name: 'analysis',
      module: new URL('./analysis-worker.ts', import.meta.url),
      data: (): AnalysisWorkerData => ({
        ...this.#options.data,
        specs: this.specs.current,
        directions: this.directions.current,
        tuning: this.tuning.current,
        held: this.#held,
        instance: randomBytes(6).toString('hex'),
      }),
      onMessage: message => {
        if (message.type === 'ready') thread.healthy()
        this.#take(message)
        if (message.type === 'ready') ready.resolve()
      },
      onFault: (fault, retryInMs) => {
        counters.add('sallyport_thread_restarts_total{thread="analysis"}')
        const lost = Atomics.exchange(new Int32Array(this.#held), 0, 0)
        if (lost > 0) counters.add('sallyport_ingest_dropped_total{reason="analysis_stopped"}', lost)
        log(
          `Analysis stopped (${fault?.message ?? 'no reason given'}); starting it again in ${retryInMs} ms.`,
        )
      },
    })
    this.#thread = thread
    return ready.promise
  }

  /** Tells it which policies' effect it measures. */
  watch(policies: readonly WatchedPolicy[]): void {
    this.#post({ type: 'watch', policies })
  }

  /** Asks it to end, and waits until it has written down what it learned, for no longer than `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    await this.#thread?.close({ type: 'close' }, patienceMs)
  }

  #take(message: FromAnalysis): void {
    switch (message.type) {
      case 'said':
        this.#options.log(message.line)
        return
      case 'answer':
        this.graph.take(message)
        return
      case 'tuned':
        this.tuning.confirm(message.version)
        return
      case 'directed':
        this.directions.confirm(message.version)
        return
      case 'closed':
        return
      default:
        this.#options.take(message)
    }
  }

  /** False where it was not started yet. */
  #post(message: ToAnalysis): boolean {
    this.#thread?.post(message)
    return this.#thread !== undefined
  }
}
