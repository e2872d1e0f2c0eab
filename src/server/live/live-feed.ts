import type { Incident } from '../../detect/incident.ts'
import type { LiveEvent } from '../../engine/live-events.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StatsView } from '../api/stats.ts'
import type { Actor } from '../auth/actor.ts'
import type { Backend } from '../backend.ts'
import { callViewOf } from '../views/call.ts'
import { endpointViewOf } from '../views/endpoint.ts'
import { incidentViewOf } from '../views/incident.ts'
import { incidentPage } from '../views/incident-page.ts'
import { signalViewOf } from '../views/signal.ts'
import { stamp } from '../views/stamp.ts'
import { noStanding, standingOf } from '../views/standing.ts'
import { type LiveBounds, LiveClient, type LiveLosses, type LiveSink } from './live-client.ts'

export interface LiveFeedOptions extends LiveBounds {
  /** Readers at once; one more is refused with `limit/exceeded`. */
  readonly clients: number
}

const defaults: LiveFeedOptions = { clients: 64, calls: 500, items: 1_000 }
const ticksPerSecond = 4
const ticksPerHeartbeat = 60

/** What happens, told to whoever listens: gathered and written four times a second, totals once a second. */
export class LiveFeed {
  static readonly tickMs = 1_000 / ticksPerSecond
  readonly #backend: Backend
  readonly #options: LiveFeedOptions
  readonly #clients = new Set<LiveClient>()
  readonly #losses: LiveLosses = { calls: 0, others: 0 }
  #cutOff = 0
  #ticks = 0
  #ticking = false
  #openIncidents = 0
  /** The tick from which the open incidents may be counted again, and whether something changed since. */
  #countFrom = 0
  #countStale = true
  #unsubscribe: (() => void) | undefined

  constructor(backend: Backend, options: Partial<LiveFeedOptions> = {}) {
    this.#backend = backend
    this.#options = { ...defaults, ...options }
  }

  /** @throws SallyportError `limit/exceeded` when there are too many readers. */
  add(actor: Actor, sink: LiveSink): LiveClient {
    if (this.#clients.size >= this.#options.clients) {
      throw new SallyportError('limit/exceeded', 'Too many consoles follow the live feed.', {
        mend: 'Close some; the lists still answer without it.',
      })
    }
    const client = new LiveClient(actor, sink, this.#options, this.#losses)
    this.#clients.add(client)
    this.#unsubscribe ??= this.#backend.subscribe(event => this.#take(event))
    sink.write('retry: 2000\n\n')
    return client
  }

  remove(client: LiveClient): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  /** Cuts off every reader that `test` holds of: their session or token has ended. */
  endWhere(test: (actor: Actor) => boolean): void {
    for (const client of this.#clients) if (test(client.actor)) this.#end(client)
  }

  /** Called four times a second; a call while the one before still waits for the store does nothing. */
  async tick(): Promise<void> {
    if (this.#ticking || this.#clients.size === 0) return
    this.#ticking = true
    try {
      await this.#tick()
    } finally {
      this.#ticking = false
    }
  }

  async #tick(): Promise<void> {
    const now = this.#backend.clock.now()
    this.endWhere(actor => actor.session !== undefined && actor.session.expiresAt <= now)
    if (this.#ticks % ticksPerSecond === 0) {
      await this.#countOpenIncidents()
      const stats = this.#stats(now)
      for (const client of this.#clients) client.setStats(stats)
    }
    this.#ticks += 1
    for (const client of this.#clients) {
      client.flush()
      if (this.#ticks % ticksPerHeartbeat === 0) client.heartbeat()
    }
  }

  /** Tells an incident that a person changed. */
  async tellIncident(incident: Incident): Promise<void> {
    this.#countStale = true
    if (this.#clients.size === 0) return
    // Without the state store an incident is still told, only without what people decided about it.
    const standing = await standingOf(this.#backend).catch(() => noStanding)
    const view = incidentViewOf(incident, standing)
    for (const client of this.#clients) {
      if (client.addIncident(view)) continue
      this.#cutOff += 1
      this.#end(client)
    }
  }

  tellQuarantine(): void {
    this.#countStale = true
    for (const client of this.#clients) client.addQuarantine()
  }

  counters(): Readonly<Record<string, number>> {
    return {
      sallyport_live_clients: this.#clients.size,
      sallyport_live_cut_off_total: this.#cutOff,
      'sallyport_live_dropped_total{what="calls"}': this.#losses.calls,
      'sallyport_live_dropped_total{what="others"}': this.#losses.others,
    }
  }

  close(): void {
    this.endWhere(() => true)
  }

  #take(event: LiveEvent): void {
    switch (event.type) {
      case 'calls': {
        const views = event.items.slice(-this.#options.calls).map(callViewOf)
        this.#losses.calls += (event.items.length - views.length) * this.#clients.size
        for (const client of this.#clients) client.addCalls(views)
        return
      }
      case 'incident':
        void this.tellIncident(event.incident)
        return
      case 'signal': {
        const view = signalViewOf(event.signal, this.#backend)
        for (const client of this.#clients) client.addSignal(view)
        return
      }
      case 'endpoint': {
        const view = endpointViewOf(event.endpoint)
        for (const client of this.#clients) client.addEndpoint(view)
        return
      }
      case 'quarantine':
        this.tellQuarantine()
    }
  }

  #end(client: LiveClient): void {
    this.remove(client)
    client.end()
  }

  #stats(now: number): StatsView {
    const { callsPerSecond, calls, endpoints, dropped } = this.#backend.stats()
    return {
      time: stamp(now),
      callsPerSecond,
      calls,
      endpoints,
      openIncidents: this.#openIncidents,
      dropped,
    }
  }

  /** Up to 1,000, and at most every five seconds: it reads them all. While the store is away the last count stays. */
  async #countOpenIncidents(): Promise<void> {
    if (!this.#countStale || this.#ticks < this.#countFrom) return
    this.#countStale = false
    this.#countFrom = this.#ticks + 5 * ticksPerSecond
    try {
      this.#openIncidents = (await incidentPage(this.#backend, { status: 'open', limit: 1_000 })).items.length
    } catch {
      this.#countStale = true
    }
  }
}
