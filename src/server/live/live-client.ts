import type { CallView } from '../api/call.ts'
import type { EndpointView } from '../api/endpoint.ts'
import type { IncidentView } from '../api/incident.ts'
import type { SignalView } from '../api/signal.ts'
import type { StatsView } from '../api/stats.ts'
import type { Actor } from '../auth/actor.ts'

/** Where a client's events go: a socket, as the feed sees it. */
export interface LiveSink {
  /** False when the receiver is behind: nothing more is written until it has drained. */
  write(text: string): boolean
  onDrain(listener: () => void): void
  end(): void
}

export interface LiveBounds {
  /** Calls waiting for one client; beyond it the oldest are lost, counted. */
  readonly calls: number
  /** Incidents, and likewise signals and endpoints, waiting for one client. */
  readonly items: number
}

export interface LiveLosses {
  calls: number
  others: number
}

const callsPerBatch = 50

/**
 * One reader of the live feed and what waits for it. Later news of the same thing replaces the earlier. Calls, signals and
 * endpoints are lost, counted, when the reader is too slow; incidents never: a reader too slow even for those is cut
 * off, and what it asks for after reconnecting is complete.
 */
export class LiveClient {
  readonly actor: Actor
  readonly #sink: LiveSink
  readonly #bounds: LiveBounds
  readonly #losses: LiveLosses
  #blocked = false
  #calls: CallView[] = []
  readonly #incidents = new Map<string, IncidentView>()
  readonly #signals = new Map<string, SignalView>()
  readonly #endpoints = new Map<string, EndpointView>()
  #quarantine = false
  #stats: StatsView | undefined

  constructor(actor: Actor, sink: LiveSink, bounds: LiveBounds, losses: LiveLosses) {
    this.actor = actor
    this.#sink = sink
    this.#bounds = bounds
    this.#losses = losses
  }

  addCalls(calls: readonly CallView[]): void {
    this.#calls.push(...calls)
    const surplus = this.#calls.length - this.#bounds.calls
    if (surplus <= 0) return
    this.#calls = this.#calls.slice(surplus)
    this.#losses.calls += surplus
  }

  /** False when the reader is too slow to be told everything and must be cut off. */
  addIncident(incident: IncidentView): boolean {
    this.#incidents.set(incident.id, incident)
    return this.#incidents.size <= this.#bounds.items
  }

  addSignal(signal: SignalView): void {
    this.#put(this.#signals, signal)
  }

  addEndpoint(endpoint: EndpointView): void {
    this.#put(this.#endpoints, endpoint)
  }

  addQuarantine(): void {
    this.#quarantine = true
  }

  setStats(stats: StatsView): void {
    this.#stats = stats
  }

  /** Writes what waits: everything but calls, then one batch of at most 50 calls. Nothing while the reader is behind. */
  flush(): void {
    for (const incident of take(this.#incidents))
      if (!this.#emit('incident', incident)) this.#incidents.set(incident.id, incident)
    for (const signal of take(this.#signals))
      if (!this.#emit('signal', signal)) this.#signals.set(signal.id, signal)
    for (const endpoint of take(this.#endpoints))
      if (!this.#emit('endpoint', endpoint)) this.#endpoints.set(endpoint.id, endpoint)
    if (this.#quarantine && this.#emit('quarantine', {})) this.#quarantine = false
    if (this.#stats !== undefined && this.#emit('stats', this.#stats)) this.#stats = undefined
    if (this.#calls.length === 0) return
    const batch = this.#calls.slice(0, callsPerBatch)
    if (this.#emit('call', batch)) this.#calls = this.#calls.slice(batch.length)
  }

  heartbeat(): void {
    this.#write(': still here\n\n')
  }

  end(): void {
    this.#sink.end()
  }

  #put<Item extends { readonly id: string }>(waiting: Map<string, Item>, item: Item): void {
    waiting.delete(item.id)
    waiting.set(item.id, item)
    if (waiting.size <= this.#bounds.items) return
    const oldest = waiting.keys().next().value
    if (oldest !== undefined) waiting.delete(oldest)
    this.#losses.others += 1
  }

  /** JSON has no raw line breaks, so one data line holds any value. */
  #emit(event: string, data: unknown): boolean {
    return this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  #write(text: string): boolean {
    if (this.#blocked) return false
    if (!this.#sink.write(text)) {
      this.#blocked = true
      this.#sink.onDrain(() => {
        this.#blocked = false
      })
    }
    return true
  }
}

function take<Item>(waiting: Map<string, Item>): readonly Item[] {
  const items = [...waiting.values()]
  waiting.clear()
  return items
}
