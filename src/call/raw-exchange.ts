import type { CallVerdict, DeclaredPrincipal, Destination, Peer, TraceRef } from './api-call.ts'
import type { Content } from './content.ts'
import type { Credential } from './credential.ts'
import type { Inspection } from './inspection.ts'

/** A body as a sensor saw it. `bytes` is at most the inspection window; `size` is what went over the wire. */
export interface RawBody {
  readonly bytes: Uint8Array
  readonly size: number
  readonly truncated: boolean
  /** Of a stream that went on beyond the window its last bytes, without those in `bytes`: what it says at its end. */
  readonly tail?: Uint8Array
}

/** One message of an upgraded connection. */
export interface RawMessage {
  /** By the client; else by the server. */
  readonly sent: boolean
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Bytes, also where the text was not kept, or only its beginning. */
  readonly size: number
  readonly truncated: boolean
  readonly binary: boolean
  readonly text?: string
}

/** What was known of an exchange whose secrets were replaced before it came here: they are gone, this is what is left of them. */
export interface SealedBefore {
  /** Bodies as they were decoded. */
  readonly request?: Content
  readonly response?: Content
  readonly credentials: readonly Credential[]
}

/**
 * One request and what came back, as a sensor saw it: secrets and all. It lives only between a sensor and `sealCall`
 * and is never stored, logged or handed further.
 */
export interface RawExchange {
  readonly id: string
  readonly time: number
  readonly durationMs?: number
  readonly source: Peer
  readonly destination: Destination
  readonly request: {
    readonly method: string
    readonly target: string
    /** As the serving framework names it, where the source tells; `sealCall` leaves out what is longer than 512 characters. */
    readonly route?: string
    readonly httpVersion: string
    readonly headers: readonly (readonly [name: string, value: string])[]
    readonly body?: RawBody
  }
  readonly response?: {
    readonly status: number
    readonly headers: readonly (readonly [name: string, value: string])[]
    readonly body?: RawBody
  }
  readonly trace?: TraceRef
  /** Which sensor saw it: `gateway`, `otlp`, `mirror` …; absent of what was read from a file. */
  readonly sensor?: string
  readonly principal?: DeclaredPrincipal
  readonly verdict?: CallVerdict
  /** Messages that went through an upgraded connection; `sealCall` puts them under `extra.webSocketMessages`. */
  readonly messages?: readonly RawMessage[]
  /** What an inline sensor's guard found when it looked for payloads, so that nobody looks twice. */
  readonly inspection?: Inspection
  /** Where it was read from an event line that had been sealed. */
  readonly sealed?: SealedBefore
  readonly extra?: Readonly<Record<string, unknown>>
}
