import { randomBytes } from 'node:crypto'

/**
 * Ids that sort by time: nine base-36 digits of epoch milliseconds, four of a counter, six of a random instance name.
 * Unique within an instance for 36⁴ ids in a millisecond; the instance name keeps instances apart.
 */
export class ExchangeIds {
  readonly #instance = (randomBytes(4).readUInt32BE() + 36 ** 6).toString(36).slice(-6)
  #time = -1
  #prefix = ''
  #counter = 0

  next(time: number): string {
    if (time !== this.#time) {
      this.#time = time
      this.#prefix = Math.max(0, Math.floor(time)).toString(36).padStart(9, '0')
    }
    this.#counter = (this.#counter + 1) % 1_679_616
    return this.#prefix + (this.#counter + 1_679_616).toString(36).slice(-4) + this.#instance
  }
}
