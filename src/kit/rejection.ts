/** A piece of input that could not be read: data, not an exception. The rest of the input goes on. */
export interface Rejection {
  /** File name, socket or stream it came from. */
  readonly source: string
  /** 1-based line or entry number. */
  readonly position: number
  /** What is wrong with it, as a sentence. */
  readonly reason: string
}
