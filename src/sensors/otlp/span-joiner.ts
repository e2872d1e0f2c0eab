import type { Span, SpanResource } from './span.ts'

export interface SpanJoinerOptions {
  /** Spans remembered as somebody's parent, and spans that wait for their other side. The oldest go first. */
  readonly spans: number
  /** Ms, in the spans' own time, that one side of a call waits for the other. */
  readonly waitMs: number
}

export const defaultSpanJoinerOptions: SpanJoinerOptions = { spans: 100_000, waitMs: 10_000 }

/** A span that stands for something that happened, with its other side where that was seen. */
export interface JoinedSpan {
  readonly span: Span
  /** The client's span of the same call. */
  readonly client?: Span
  /** Who sent the span above it, where that is another service. */
  readonly caller?: SpanResource
}

interface Known {
  readonly resource: SpanResource
  readonly client: Span | undefined
  /** Its other side came. */
  answered: boolean
}

/**
 * Brings the two sides of a call together: a server's span names the client's as its parent, in a batch of its own. Each call is given
 * out once: by the server's side with the client's, or by the one that was seen when the other does not come in time.
 */
export class SpanJoiner {
  readonly #options: SpanJoinerOptions
  readonly #give: (joined: JoinedSpan) => void
  /** By span id; ids are random, so that a trace's own is not needed besides. */
  readonly #known = new Map<string, Known>()
  readonly #orphans = new Map<string, Span[]>()
  /** `known` of a client's span: whether its other side came. */
  readonly #waiting: (readonly [since: number, span: Span, known: Known | undefined])[] = []
  #head = 0
  #now = 0
  /** Clients' spans whose server was not seen, servers' spans whose client was not. */
  outbound = 0
  inbound = 0

  constructor(give: (joined: JoinedSpan) => void, options: Partial<SpanJoinerOptions> = {}) {
    this.#give = give
    this.#options = { ...defaultSpanJoinerOptions, ...options }
  }

  get waiting(): number {
    return this.#waiting.length - this.#head
  }

  add(span: Span): void {
    if (span.end > this.#now) this.#now = span.end
    const client = span.kind === 'client' || span.kind === 'producer'
    const known = this.#remember(span, client)
    if (client) {
      if (!known.answered) this.#wait(span, known)
    } else if (span.parentId === '') {
      if (span.kind !== 'internal') this.#give({ span })
    } else {
      const parent = this.#known.get(span.parentId)
      if (parent !== undefined) this.#join(span, parent)
      else if (span.kind !== 'internal') {
        const others = this.#orphans.get(span.parentId)
        if (others === undefined) this.#orphans.set(span.parentId, [span])
        else if (others.length < 64) others.push(span)
        this.#wait(span, undefined)
      }
    }
    this.#expire(this.#now - this.#options.waitMs)
  }

  /** Gives out what still waits: no more is to come. */
  flush(): void {
    this.#expire(Number.POSITIVE_INFINITY)
    this.#known.clear()
  }

  #remember(span: Span, client: boolean): Known {
    const known: Known = { resource: span.resource, client: client ? span : undefined, answered: false }
    this.#known.set(span.spanId, known)
    const orphans = this.#orphans.get(span.spanId)
    if (orphans !== undefined) {
      this.#orphans.delete(span.spanId)
      for (const orphan of orphans) this.#join(orphan, known)
    }
    if (this.#known.size > this.#options.spans)
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    return known
  }

  #join(span: Span, parent: Known): void {
    const { client, resource } = parent
    const elsewhere = resource !== span.resource && !sameService(resource, span.resource)
    // Within one service an internal step is no call.
    if (span.kind === 'internal' && !elsewhere) return
    parent.answered = true
    this.#give({
      span,
      ...(client === undefined ? {} : { client }),
      ...(elsewhere ? { caller: resource } : {}),
    })
  }

  #wait(span: Span, known: Known | undefined): void {
    this.#waiting.push([this.#now, span, known])
    if (this.waiting > this.#options.spans) this.#settleOldest()
  }

  #expire(before: number): void {
    while (this.#head < this.#waiting.length && this.#waiting[this.#head]![0] < before) this.#settleOldest()
    if (this.#head > 4096 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head)
      this.#head = 0
    }
  }

  #settleOldest(): void {
    const [, span, known] = this.#waiting[this.#head]!
    this.#head += 1
    if (known !== undefined) {
      if (known.answered) return
      this.outbound += 1
      this.#give({ span })
      return
    }
    const orphans = this.#orphans.get(span.parentId)
    const index = orphans?.indexOf(span) ?? -1
    if (orphans === undefined || index < 0) return
    orphans.splice(index, 1)
    if (orphans.length === 0) this.#orphans.delete(span.parentId)
    this.inbound += 1
    this.#give({ span })
  }
}

/** Whether two resources are instances of one service. */
export const sameService = (a: SpanResource, b: SpanResource): boolean =>
  a.attributes.text('service.name') === b.attributes.text('service.name') &&
  a.attributes.text('k8s.namespace.name') === b.attributes.text('k8s.namespace.name') &&
  a.attributes.text('service.namespace') === b.attributes.text('service.namespace')
