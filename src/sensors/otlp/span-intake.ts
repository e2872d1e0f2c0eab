import type { StoreAccess } from '../../call/access.ts'
import type { FlowEvent } from '../../call/flow-event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { exchangeOf, flowOf, traceOf } from './call-of.ts'
import { sampledShare } from './sampling.ts'
import { ServingSpans } from './serving-spans.ts'
import { hexOf, type Span } from './span.ts'
import {
  defaultSpanJoinerOptions,
  type JoinedSpan,
  SpanJoiner,
  type SpanJoinerOptions,
} from './span-joiner.ts'
import { storeUseOf } from './store-of.ts'
import { workloadOf } from './workload-of.ts'

/** What spans turn into. */
export interface SpanSink {
  readonly call: (exchange: RawExchange) => void
  readonly event: (event: StoreAccess | FlowEvent) => void
}

/** What came in, by what became of it. */
export interface SpanCounts {
  spans: number
  calls: number
  accesses: number
  flows: number
  /** Steps within a service, and spans that say nothing of who called whom. */
  unused: number
  /** Without a trace and span id, or without a time. */
  rejected: number
}

/** From spans to calls, accesses and flows. Told in the order of the spans, but for those that waited for their other side, or for the request they belong to. */
export class SpanIntake {
  readonly counts: SpanCounts = { spans: 0, calls: 0, accesses: 0, flows: 0, unused: 0, rejected: 0 }
  /** The smallest share of spans that a source said it keeps; 1 where none says so. */
  share = 1
  /** Time of the newest span, ms since the epoch. */
  newest = 0
  readonly #joiner: SpanJoiner
  readonly #serving: ServingSpans
  readonly #sink: SpanSink

  constructor(sink: SpanSink, options: Partial<SpanJoinerOptions> = {}) {
    this.#sink = sink
    this.#joiner = new SpanJoiner(joined => this.#tell(joined), options)
    this.#serving = new ServingSpans({ ...defaultSpanJoinerOptions, ...options })
  }

  get waiting(): number {
    return this.#joiner.waiting + this.#serving.waiting
  }

  add(span: Span): void {
    const { counts } = this
    counts.spans += 1
    if (span.spanId === '' || span.traceId === '' || !(span.start > 0) || span.start > maxTime) {
      counts.rejected += 1
      return
    }
    if (span.end > this.newest && span.end <= maxTime) this.newest = span.end
    if (span.traceState !== '') {
      const share = sampledShare(span.traceState)
      if (share !== undefined && share < this.share) this.share = share
    }
    this.#serving.see(span)
    const use = span.kind === 'server' ? undefined : storeUseOf(span)
    if (use === undefined) {
      this.#joiner.add(span)
      return
    }
    const workload = workloadOf(span.resource)
    if (workload.name === undefined) {
      counts.unused += 1
      return
    }
    counts.accesses += 1
    this.#serving.find(span, serving =>
      this.#sink.event({
        type: 'access',
        id: hexOf(span.spanId),
        time: span.start,
        workload,
        ...use,
        trace: {
          ...traceOf(span),
          ...(serving === undefined ? {} : { withinSpanId: hexOf(serving) }),
        },
      }),
    )
  }

  /** No more is to come: what waits for its other side is told as it is. */
  flush(): void {
    this.#joiner.flush()
    this.#serving.flush()
  }

  #tell(joined: JoinedSpan): void {
    const exchange = exchangeOf(joined)
    if (exchange !== undefined) {
      this.counts.calls += 1
      this.#sink.call(exchange)
      return
    }
    const flow = flowOf(joined)
    if (flow === undefined) this.counts.unused += 1
    else {
      this.counts.flows += 1
      this.#sink.event(flow)
    }
  }
}

/** The end of what a date can say, ms since the epoch. */
const maxTime = 8.64e15
