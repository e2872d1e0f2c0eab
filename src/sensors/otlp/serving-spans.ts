import type { Span, SpanKind, SpanResource } from './span.ts'
import { type SpanJoinerOptions, sameService } from './span-joiner.ts'

interface Step {
  readonly parentId: string
  readonly kind: SpanKind
  readonly resource: SpanResource
}

interface Waiting {
  readonly since: number
  readonly span: Span
  readonly told: (serving: string | undefined) => void
  /** The span whose coming it waits for. */
  missing: string
  /** The last span of its service on the way up. */
  below: string | undefined
  done: boolean
}

/** Steps that are gone up from a span to the request it belongs to. */
const maxSteps = 64

/**
 * Which request a service was answering when it did something: the nearest span above that serves one, within the same service. Spans end,
 * and so come, after those below them: what was done waits for the spans above it. Holds as many spans and waits as long as the joiner.
 */
export class ServingSpans {
  readonly #options: SpanJoinerOptions
  /** By packed span id; the oldest go first. */
  readonly #steps = new Map<string, Step>()
  readonly #byMissing = new Map<string, Set<Waiting>>()
  readonly #queue: Waiting[] = []
  #head = 0
  #now = 0
  #open = 0

  constructor(options: SpanJoinerOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#open
  }

  /** Remembers a span, and tells those below it that waited for it. */
  see({ spanId, parentId, kind, resource, end }: Span): void {
    if (end > this.#now) this.#now = end
    this.#steps.set(spanId, { parentId, kind, resource })
    if (this.#steps.size > this.#options.spans)
      for (const oldest of this.#steps.keys()) {
        this.#steps.delete(oldest)
        break
      }
    const below = this.#byMissing.get(spanId)
    if (below !== undefined) {
      this.#byMissing.delete(spanId)
      for (const one of below) this.#climb(one, spanId)
    }
    this.#expire(this.#now - this.#options.waitMs)
  }

  /**
   * @param told Is given the packed id of the span that serves the request, now or once it is seen; `undefined` where there is none, or
   * where it did not come in time.
   */
  find(span: Span, told: (serving: string | undefined) => void): void {
    const waiting = { since: this.#now, span, told, missing: '', below: undefined, done: false }
    this.#open += 1
    this.#climb(waiting, span.parentId)
    if (waiting.done) return
    this.#queue.push(waiting)
    if (this.#queue.length - this.#head > this.#options.spans) this.#settleOldest()
  }

  /** No more is to come. */
  flush(): void {
    this.#expire(Number.POSITIVE_INFINITY)
    this.#steps.clear()
  }

  #climb(waiting: Waiting, from: string): void {
    const { resource } = waiting.span
    let at = from
    for (let steps = 0; steps < maxSteps && at !== ''; steps += 1) {
      const step = this.#steps.get(at)
      if (step === undefined) {
        waiting.missing = at
        const others = this.#byMissing.get(at)
        if (others === undefined) this.#byMissing.set(at, new Set([waiting]))
        else others.add(waiting)
        return
      }
      // What another service's span leads to is the request, whatever kind it says to be of.
      if (step.resource !== resource && !sameService(step.resource, resource)) {
        this.#tell(waiting, waiting.below)
        return
      }
      if (step.kind === 'server' || step.kind === 'consumer') {
        this.#tell(waiting, at)
        return
      }
      waiting.below = at
      at = step.parentId
    }
    this.#tell(waiting, undefined)
  }

  #tell(waiting: Waiting, serving: string | undefined): void {
    waiting.done = true
    this.#open -= 1
    waiting.told(serving)
  }

  #expire(before: number): void {
    while (this.#head < this.#queue.length) {
      const { since, done } = this.#queue[this.#head]!
      if (!done && since >= before) break
      this.#settleOldest()
    }
    if (this.#head > 4096 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
  }

  #settleOldest(): void {
    const waiting = this.#queue[this.#head]!
    this.#head += 1
    if (waiting.done) return
    const others = this.#byMissing.get(waiting.missing)
    others?.delete(waiting)
    if (others?.size === 0) this.#byMissing.delete(waiting.missing)
    this.#tell(waiting, undefined)
  }
}
