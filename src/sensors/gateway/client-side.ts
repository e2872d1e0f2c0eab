import type { Socket } from 'node:net'
import type { ProblemAnswer } from './problem-answer.ts'
import type { Refusal } from './refusal.ts'

/** Who is at the other end of a client connection. */
export interface ClientPeer {
  readonly address: string
  readonly port: number | undefined
  /** A proxy whose forwarding headers are believed. */
  readonly trusted: boolean
  readonly proto: 'http' | 'https'
  /** Fingerprint of its TLS handshake. */
  readonly ja4: string | undefined
  /** Forwarding headers for a client that is itself our peer, as name, value … */
  ownForwarding(host: string): readonly string[]
}

/** The head of an answer as it goes to the client. */
export interface AnswerHead {
  readonly status: number
  readonly reason: string
  /** name, value, name, value …; none that speaks about the connection. */
  readonly headers: readonly string[]
  /** Of the body, where it is known. */
  readonly length: number | undefined
  /** No body follows, whatever the headers say. */
  readonly bodiless: boolean
}

/** The client's side of one exchange, whatever version of HTTP it speaks. */
export interface ClientSide {
  readonly peer: ClientPeer
  /** An answer's head has been handed over: there will be no other. */
  readonly answering: boolean
  /** From here on this exchange hears of its request's body. */
  attach(exchange: Exchange): void
  holdBody(): void
  resumeBody(): void
  sendContinue(): void
  /** @param headers name, value … of a 103 */
  sendHints(headers: readonly string[]): void
  sendHead(answer: AnswerHead): void
  /** Gathers a piece of the body; `flush` or `end` sends it. The bytes are the receiver's. */
  write(chunk: Uint8Array): void
  /** False where the sender should wait for `onClientDrain`. */
  flush(): boolean
  /** @param trailers name, value … */
  end(trailers: readonly string[]): void
  /** Gives a whole answer of the gateway's own. @param close what follows is not to be understood */
  answer(answer: ProblemAnswer, close: boolean): void
  /** Breaks the exchange off, so that the client sees it is not complete. */
  abort(): void
  /** Hands the connection over after an upgrade, paused; what the client sent behind its request comes first. */
  takeOver(): Socket
}

/** An exchange as its client's side tells it what happens there. */
export interface Exchange {
  onBody(chunk: Buffer): void
  /** @param trailers name, value …: those that may be passed on */
  onBodyEnd(trailers: readonly string[]): void
  /** All of one read has been told. */
  onReadEnd(): void
  /** More of the answer can be written. */
  onClientDrain(): void
  /** The whole answer is with the client's system. */
  onAnswered(): void
  /** The client is gone. */
  onClientGone(): void
  /** The rest of the request cannot be read. False where it had been answered before. */
  onRefused(refused: Refusal): boolean
}
