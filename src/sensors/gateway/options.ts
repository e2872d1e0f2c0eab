import { SallyportError } from '../../kit/error.ts'
import { defaultMessageOptions, type MessageOptions } from './message-log.ts'
import type { TlsOptions } from './tls-listener.ts'

/** How one gateway listener behaves. Times are milliseconds, sizes bytes. */
export interface GatewayOptions {
  /** Address to listen on. Anything but loopback is the operator's explicit choice. */
  readonly host: string
  /** 0 takes a free port; `listen()` tells which. */
  readonly port: number
  /** Where requests go: `http://host[:port][/prefix]`, or `https://`; its certificate is always checked. */
  readonly upstream: URL
  /** PEM file of the authorities that may sign an https upstream's certificate; default: those of the runtime. */
  readonly upstreamCa?: string
  /** Speak TLS to clients. */
  readonly tls?: TlsOptions
  /** What TLS sessions are sealed with, 48 secret bytes: who has the same goes on with them. Default: own ones. */
  readonly ticketKeys?: Uint8Array
  /** Several listeners on one port, one per worker thread. */
  readonly reusePort?: boolean
  /** Bytes of each body, per direction, that are copied for `observe` and the decisions. */
  readonly windowBytes?: number
  /** CIDRs (or single addresses) of proxies whose forwarding headers are believed. Default none. */
  readonly trustedProxies?: readonly string[]
  /** To open a connection to the upstream. */
  readonly connectTimeoutMs?: number
  /** For a client to send its request head. */
  readonly headerTimeoutMs?: number
  /** For a client to send its whole request; 0 sets no bound. */
  readonly requestTimeoutMs?: number
  /** For the upstream to begin its response once it has the request. */
  readonly responseTimeoutMs?: number
  /** Without a byte in either direction inside an exchange. */
  readonly idleTimeoutMs?: number
  /** A client connection between two requests. */
  readonly keepAliveTimeoutMs?: number
  /** An upstream connection between two requests; keep it below the upstream's own. */
  readonly upstreamKeepAliveMs?: number
  /** Without a byte in either direction inside an upgraded connection. */
  readonly tunnelIdleTimeoutMs?: number
  /** Request line and headers together; a response head is held to the same. */
  readonly maxHeaderBytes?: number
  readonly maxHeaderCount?: number
  readonly maxTargetBytes?: number
  /** Client connections at once; further ones are closed on arrival and counted. Upstream connections follow. */
  readonly maxConnections?: number
  /** Bytes of a refused request's body that are read and thrown away before the connection is closed. */
  readonly lingerBytes?: number
  /** Pass the client's `Host` on; otherwise the upstream's own. */
  readonly preserveHost?: boolean
  /** What is kept of the messages of WebSocket connections. */
  readonly messages?: Partial<MessageOptions>
  /** Pseudonym to announce in `Via` both ways; none announces nothing. */
  readonly via?: string
}

export type GatewaySettings = Required<
  Omit<GatewayOptions, 'via' | 'messages' | 'tls' | 'ticketKeys' | 'upstreamCa'>
> & {
  readonly via: string | undefined
  readonly tls: TlsOptions | undefined
  readonly ticketKeys: Uint8Array | undefined
  readonly upstreamCa: string | undefined
  readonly messages: MessageOptions
}

/** The options with every default filled in. Throws `config/invalid` for what cannot work. */
export function gatewaySettings(options: GatewayOptions): GatewaySettings {
  const { upstream } = options
  if (upstream.protocol !== 'http:' && upstream.protocol !== 'https:') {
    throw new SallyportError(
      'config/invalid',
      `The gateway cannot reach an upstream over ${upstream.protocol.slice(0, -1)}.`,
      { where: upstream.origin, mend: 'Give an http:// or https:// URL.' },
    )
  }
  const windowBytes = options.windowBytes ?? 65_536
  if (!Number.isInteger(windowBytes) || windowBytes < 0) {
    throw new SallyportError('config/invalid', 'The inspection window must be a whole number of bytes.', {
      where: 'windowBytes',
      mend: 'Give 0 or more; 65536 is the default.',
    })
  }
  return {
    host: options.host,
    port: options.port,
    upstream,
    reusePort: options.reusePort ?? false,
    windowBytes,
    trustedProxies: options.trustedProxies ?? [],
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    headerTimeoutMs: options.headerTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 300_000,
    responseTimeoutMs: options.responseTimeoutMs ?? 60_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 65_000,
    upstreamKeepAliveMs: options.upstreamKeepAliveMs ?? 4_000,
    tunnelIdleTimeoutMs: options.tunnelIdleTimeoutMs ?? 3_600_000,
    maxHeaderBytes: options.maxHeaderBytes ?? 32_768,
    maxHeaderCount: options.maxHeaderCount ?? 200,
    maxTargetBytes: options.maxTargetBytes ?? 16_384,
    maxConnections: options.maxConnections ?? 10_000,
    lingerBytes: options.lingerBytes ?? 1_048_576,
    preserveHost: options.preserveHost ?? true,
    via: options.via,
    tls: options.tls,
    ticketKeys: options.ticketKeys,
    upstreamCa: options.upstreamCa,
    messages: { ...defaultMessageOptions, ...options.messages },
  }
}
