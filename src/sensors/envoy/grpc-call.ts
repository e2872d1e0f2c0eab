/** Status codes of gRPC (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcStatus = {
  ok: 0,
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** One call of a peer, as a method of ours speaks with it. After its end, and after the peer is gone, what is said goes nowhere. */
export interface GrpcCall {
  readonly open: boolean
  /** Takes no more of the peer until it is resumed; what came in the same piece still comes. */
  pause(): void
  /** What came meanwhile comes when the turn is over. */
  resume(): void
  /** A message in its frame, as `framed` makes it; it must not be changed any more. */
  send(frame: Buffer): void
  /** Ends well; with a last message, if there is one. */
  end(frame?: Buffer): void
  fail(code: number, sentence: string): void
}

/** A method of ours during one call. */
export interface GrpcReceiver {
  /** One whole message. @throws BrokenMessage which ends the call. */
  message(bytes: Buffer): void
  /** The peer has said everything. */
  end(): void
  /** The call is over, however it ended. Called once. */
  closed?(): void
}

export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => GrpcReceiver>>

/** A message as gRPC sends it. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  return frame
}
