const none = Buffer.alloc(0)

/** Chunks as they come, given out in whole pieces: copies only what is cut by the end of a chunk. */
export class ByteQueue {
  #parts: Buffer[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#size += chunk.length
  }

  /** The next `size` bytes without taking them; undefined while there are fewer. */
  peek(size: number): Buffer | undefined {
    if (size > this.#size) return undefined
    const first = this.#parts[0]
    if (first === undefined) return none
    if (first.length < size) {
      // Gathered once for each whole piece, however small the chunks.
      const whole = Buffer.concat(this.#parts, this.#size)
      this.#parts = [whole]
      return whole.subarray(0, size)
    }
    return first.subarray(0, size)
  }

  /** Takes `size` bytes, or as many as there are, and tells how many that were. */
  drop(size: number): number {
    let left = Math.min(size, this.#size)
    const dropped = left
    this.#size -= left
    let taken = 0
    while (left > 0) {
      const first = this.#parts[taken]!
      if (first.length > left) {
        this.#parts[taken] = first.subarray(left)
        break
      }
      left -= first.length
      taken += 1
    }
    if (taken > 0) this.#parts.splice(0, taken)
    return dropped
  }
}
