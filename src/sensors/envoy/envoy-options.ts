export interface EnvoyOptions {
  readonly host: string
  /** Of the gRPC access log service; 0 takes a free one. */
  readonly port: number
  /** Bearer token in the metadata `authorization` that proxies must give; none is asked for when absent. */
  readonly token?: string
  /** Bytes of one message. */
  readonly maxMessageBytes: number
  readonly maxConnections: number
  /** Streams of all proxies at one time. */
  readonly maxCalls: number
  /** Bytes of unfinished messages of all streams. */
  readonly maxHeldBytes: number
}

export const defaultEnvoyOptions: EnvoyOptions = {
  host: '127.0.0.1',
  port: 0,
  maxMessageBytes: 16 * 1024 * 1024,
  maxConnections: 1_024,
  maxCalls: 10_000,
  maxHeldBytes: 256 * 1024 * 1024,
}
