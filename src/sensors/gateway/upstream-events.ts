import type { Socket } from 'node:net'
import type { Framing } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/** What goes to the upstream, all but the body's bytes. */
export interface UpstreamRequest {
  readonly method: string
  /** As it stands in the request line. */
  readonly target: string
  /** name, value, name, value … including the framing's own. */
  readonly headers: readonly string[]
  readonly framing: Framing
  readonly upgrade: boolean
}

export type UpstreamFailure =
  | { readonly code: 'upstream/unreachable'; readonly detail: string }
  | { readonly code: 'upstream/reset'; readonly detail: string }
  | { readonly code: 'upstream/timeout'; readonly detail: string }

/** What comes back, in order: informations, head, data …, then end; or a failure at any point; or an upgrade. */
export interface UpstreamEvents {
  /** 100, 102, 103 …: any 1xx but 101. */
  onInformation(head: ResponseHead): void
  /** `bodiless`: nothing but `onEnd` follows. */
  onHead(head: ResponseHead, bodiless: boolean): void
  /** A copy the receiver owns. `last` when it completes a body of known length: no `onEnd` follows. */
  onData(chunk: Buffer, last: boolean): void
  /** @param trailers name, value …: those that may be passed on */
  onEnd(trailers: readonly string[]): void
  /** 101: the socket is the receiver's from here on, paused; `first` are bytes behind the head. */
  onUpgrade(head: ResponseHead, socket: Socket, first: Buffer): void
  onFailure(failure: UpstreamFailure): void
  /** What came with one read has been told; more of the response follows. */
  onFlush(): void
  /** More can be written. */
  onDrain(): void
}
