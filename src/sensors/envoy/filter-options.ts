/** Of the point where Envoy's ext_proc and ext_authz filters ask. */
export interface EnvoyFilterOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Bearer token in the metadata `authorization` that proxies must give; none is asked for when absent. */
  readonly token?: string
  /** Bytes of each body that are looked at. */
  readonly windowBytes: number
  /** `all`: every body that Envoy is set up to send is learned from; `needed`: it is asked to send those only that policies read. */
  readonly bodies: 'all' | 'needed'
  /** Hands on what ext_authz asks about: not where ext_proc, access logs or traces tell of the same calls. */
  readonly observeChecks: boolean
  /** An exchange of which nothing was heard for so long is taken for over. */
  readonly idleMs: number
  /** Bytes of one message: as much as Envoy may buffer of a body, and some. */
  readonly maxMessageBytes: number
  readonly maxConnections: number
  /** Exchanges of all proxies at one time. */
  readonly maxCalls: number
  /** Bytes of unfinished messages of all exchanges. */
  readonly maxHeldBytes: number
}

export const defaultEnvoyFilterOptions: EnvoyFilterOptions = {
  host: '127.0.0.1',
  port: 4601,
  windowBytes: 65_536,
  bodies: 'all',
  observeChecks: true,
  idleMs: 600_000,
  maxMessageBytes: 16 * 1024 * 1024,
  maxConnections: 1_024,
  maxCalls: 10_000,
  maxHeldBytes: 256 * 1024 * 1024,
}
