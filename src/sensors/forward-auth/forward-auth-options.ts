export interface ForwardAuthOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Addresses and ranges of the proxies whose word about a request is taken; every other peer is refused. */
  readonly trustedProxies: readonly string[]
  /** Bearer token of the decision API, which is off without one. */
  readonly token?: string
  /**
   * Which of the requests that a proxy asks about become calls: `all`; `refused` where those that pass are also seen by another sensor
   * (a mirror), which would count them twice; `none`.
   */
  readonly observe: 'all' | 'refused' | 'none'
  /** Bytes of a body that are decided on and kept. */
  readonly bodyBytes: number
  /** Bytes of one message to the decision API; a batch of calls may have eight times as many. */
  readonly maxMessageBytes: number
  readonly maxConnections: number
  /** Requests that wait for their answer to be decided on; beyond, the oldest is given up. */
  readonly maxOpen: number
  /** Ms after which a request whose answer never came is given up. */
  readonly openMs: number
  /** Ms after which a message that does not go on is given up. */
  readonly idleMs: number
}

export const defaultForwardAuthOptions: ForwardAuthOptions = {
  host: '127.0.0.1',
  port: 0,
  trustedProxies: ['127.0.0.0/8', '::1'],
  observe: 'all',
  bodyBytes: 65_536,
  maxMessageBytes: 1024 * 1024,
  maxConnections: 4_096,
  maxOpen: 10_000,
  openMs: 60_000,
  idleMs: 30_000,
}
