export interface MirrorOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Value of `X-Mirror-Token` that senders must give; none is asked for when absent. */
  readonly token?: string
  /** Bytes of a body that are kept. */
  readonly bodyBytes: number
  /** Bytes of a body that are read; a longer one is cut off, and its connection with it. */
  readonly maxBodyBytes: number
  readonly maxConnections: number
  /** Requests whose bodies are being read; more are taken without their bodies. */
  readonly maxOpen: number
  /** Ms after which a request that does not go on is given up. */
  readonly idleMs: number
}

export const defaultMirrorOptions: MirrorOptions = {
  host: '127.0.0.1',
  port: 0,
  bodyBytes: 65_536,
  maxBodyBytes: 64 * 1024 * 1024,
  maxConnections: 1_024,
  maxOpen: 2_048,
  idleMs: 30_000,
}
