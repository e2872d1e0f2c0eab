import { randomBytes } from 'node:crypto'
import type { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import { ticketKeyBytes } from '../sensors/gateway/tls-listener.ts'
import { checkFree } from '../sensors/listen.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { GuardLoops } from './guard-loops.ts'
import type { FromGateway, GatewayWorkerData, ToGateway } from './protocol.ts'
import type { RingMemory } from './ring.ts'
import { Thread } from './thread.ts'

export interface GatewayThreadsOptions {
  readonly config: GatewayConfig
  /** One of each loop; none where no gateway is wanted. */
  readonly rings: readonly RingMemory[]
  readonly loops: GuardLoops
  readonly counters: CounterSet
  readonly log: (line: string) => void
}

interface Listening {
  readonly host: string
  readonly port: number
}

const schemeOf = ({ tls }: GatewayConfig): string => (tls === undefined ? 'http' : 'https')

/** The event loops of the gateway, each in a thread of its own, on one port. */
export class GatewayThreads {
  readonly #options: GatewayThreadsOptions
  readonly #threads: Thread<ToGateway, FromGateway>[] = []
  readonly #ticketKeys = randomBytes(ticketKeyBytes)
  #url: string | undefined
  /** In force, with the port that was found. */
  #config: GatewayConfig
  /** Of the last reload. */
  #asked: GatewayConfig | undefined

  constructor(options: GatewayThreadsOptions) {
    this.#options = options
    this.#config = options.config
  }

  /** Where clients send their traffic; undefined while nothing listens. */
  get url(): string | undefined {
    return this.#url
  }

  /** Resolves when all listen. @throws SallyportError `listen/…`, `config/invalid` where the first cannot */
  async start(): Promise<void> {
    const { rings } = this.#options
    if (rings.length === 0) return
    // Loops share their port with whoever asks for the same, another Sallyport too.
    if (rings.length > 1) await checkFree('The gateway', this.#config)
    const [first, ...others] = rings.map((ring, index) => () => this.#begin(index, ring))
    const { host, port } = await first!()
    // With port 0 the first loop finds one and the others share it.
    this.#config = { ...this.#config, port }
    this.#url = `${schemeOf(this.#config)}://${host.includes(':') ? `[${host}]` : host}:${port}`
    await Promise.all(others.map(begin => begin()))
  }

  /**
   * Goes by another configuration, without a restart: every loop takes it, or says why not and stays as it was. Where it listens and how
   * many loops there are takes effect at the next start.
   */
  reload(config: GatewayConfig): void {
    const { upstream } = config
    if (this.#threads.length === 0 || upstream === undefined) {
      this.#options.log('The gateway begins or ends with a start: this configuration waits for the next one.')
      return
    }
    const { host, port, workers } = this.#config
    const asked = { ...config, host, port, workers }
    this.#asked = asked
    for (const thread of this.#threads) thread.post({ type: 'reload', config: asked, upstream })
  }

  /** Takes no more requests and finishes those under way, for no longer than `drainMs`. */
  async close(drainMs: number): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.close({ type: 'close', drainMs }, drainMs * 2)))
  }

  #begin(index: number, ring: RingMemory): Promise<Listening> {
    const { loops, counters, log } = this.#options
    const listening = Promise.withResolvers<Listening>()
    const thread: Thread<ToGateway, FromGateway> = new Thread<ToGateway, FromGateway>({
      name: `gateway-${index}`,
      module: new URL('./gateway-worker.ts', import.meta.url),
      data: (): GatewayWorkerData => ({
        ...loops.data(`g${index}`, ring),
        config: this.#config,
        upstream: this.#config.upstream!,
        ticketKeys: this.#ticketKeys,
      }),
      onMessage: message => {
        if (message.type === 'listening') {
          thread.healthy()
          listening.resolve(message)
        } else if (message.type === 'failed') {
          listening.reject(SallyportError.fromPlain(message))
        } else if (message.type === 'reloaded') this.#onReloaded(index, message)
        else loops.take(`gateway-${index}`, thread, message)
      },
      onFault: (fault, retryInMs) => {
        counters.add('sallyport_thread_restarts_total{thread="gateway"}')
        log(`A gateway loop stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`)
      },
    })
    this.#threads.push(thread)
    loops.add(thread)
    return listening.promise
  }

  /** Said once, by the first loop: all read the same. A loop that starts again goes by what was in force. */
  #onReloaded(index: number, message: Extract<FromGateway, { type: 'reloaded' }>): void {
    if (index !== 0) return
    const { what, trouble } = message
    if (what === 'options' && trouble === undefined && this.#asked !== undefined) {
      this.#config = this.#asked
      this.#url = this.#url?.replace(/^https?/, schemeOf(this.#config))
    }
    const subject = what === 'options' ? "The gateway's configuration" : "The gateway's certificates"
    this.#options.log(
      trouble === undefined ? `${subject} took effect.` : `${subject} stayed as before: ${trouble}`,
    )
  }
}
