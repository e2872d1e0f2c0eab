import type { SpanJoinerOptions } from './span-joiner.ts'

export interface OtlpOptions {
  readonly host: string
  /** 0 takes a free one; absent: not listened on. */
  readonly httpPort?: number
  readonly grpcPort?: number
  /** Bearer token that senders must give; none is asked for when absent. */
  readonly token?: string
  /** Bytes of one export, as sent and after inflating. */
  readonly maxBodyBytes: number
  /** Connections at a time, of each kind. */
  readonly maxConnections: number
  /** Ms after which an export that does not go on is given up. */
  readonly idleMs: number
  readonly joiner: Partial<SpanJoinerOptions>
}

export const defaultOtlpOptions: OtlpOptions = {
  host: '127.0.0.1',
  maxBodyBytes: 16 * 1024 * 1024,
  maxConnections: 256,
  idleMs: 30_000,
  joiner: {},
}
