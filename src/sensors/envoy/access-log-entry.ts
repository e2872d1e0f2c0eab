/** An address of a connection. */
export interface EnvoyAddress {
  readonly ip: string
  readonly port: number
}

/** The proxy that sends logs, as it names itself in the first message of a stream. */
export interface EnvoyNode {
  readonly id: string
  readonly cluster: string
  /** Texts of its metadata, as Istio gives them: `WORKLOAD_NAME`, `NAMESPACE` … */
  readonly metadata: ReadonlyMap<string, string>
  readonly logName: string
}

/** What `AccessLogCommon` says that is used here. Times in ms. */
export interface CommonEntry {
  readonly time: number
  readonly durationMs?: number
  readonly remote?: EnvoyAddress
  /** The peer itself, where `remote` was taken from a header. */
  readonly directRemote?: EnvoyAddress
  readonly local?: EnvoyAddress
  readonly upstream?: EnvoyAddress
  readonly upstreamCluster: string
  readonly routeName: string
  readonly tlsVersion?: string
  readonly serverName?: string
  /** The first URI name of the peer's certificate, e.g. a SPIFFE id. */
  readonly peerName?: string
  /** Short names as in `%RESPONSE_FLAGS%`. */
  readonly flags: readonly string[]
  /** More is to come for the same request or connection. */
  readonly intermediate: boolean
}

export interface HttpEntry {
  readonly common: CommonEntry
  readonly version: string
  readonly method: string
  readonly scheme: string
  readonly authority: string
  readonly path: string
  readonly requestHeaders: readonly (readonly [name: string, value: string])[]
  readonly requestBytes: number
  readonly status: number
  readonly responseHeaders: readonly (readonly [name: string, value: string])[]
  readonly responseBytes: number
  readonly requestId: string
}

export interface TcpEntry {
  readonly common: CommonEntry
  readonly received: number
  readonly sent: number
}
