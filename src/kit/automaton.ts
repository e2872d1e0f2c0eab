/** A literal to look for, and the bits to report when it occurs. */
export interface AutomatonWord {
  /** Matched without regard to ASCII case. ASCII only. */
  readonly text: string
  readonly mask: number
}

/**
 * Aho–Corasick (Aho and Corasick, CACM 18(6), 1975) as one dense transition table: finds every literal in a single pass,
 * whatever their number. Characters that occur in no literal share one class, which keeps the table small enough for
 * the cache. Time is linear in the text, memory is fixed at construction.
 */
export class Automaton {
  readonly #classes = new Uint8Array(128)
  readonly #width: number
  readonly #next: Int32Array
  readonly #masks: Int32Array
  readonly #beyond: number

  /** @param beyondAscii bits to report where a character beyond ASCII occurs */
  constructor(words: readonly AutomatonWord[], beyondAscii = 0) {
    this.#beyond = beyondAscii
    let width = 1
    for (const { text } of words) {
      if (text === '') throw new RangeError('a literal of the automaton must not be empty')
      for (const character of text.toLowerCase()) {
        const code = character.charCodeAt(0)
        if (code > 127) throw new RangeError(`a literal of the automaton must be ASCII: ${text}`)
        if (this.#classes[code] !== 0) continue
        this.#classes[code] = width
        this.#classes[character.toUpperCase().charCodeAt(0)] = width
        width += 1
      }
    }
    this.#width = width
    const states = words.reduce((sum, { text }) => sum + text.length, 1)
    const next = new Int32Array(states * width).fill(-1)
    const masks = new Int32Array(states)
    let used = 1
    for (const { text, mask } of words) {
      let state = 0
      for (let index = 0; index < text.length; index += 1) {
        const edge = state * width + this.#classes[text.charCodeAt(index)]!
        if (next[edge] === -1) {
          next[edge] = used
          used += 1
        }
        state = next[edge]!
      }
      masks[state] = masks[state]! | mask
    }
    const fail = new Int32Array(used)
    const queue: number[] = []
    for (let symbol = 0; symbol < width; symbol += 1) {
      const target = next[symbol]!
      if (target === -1) next[symbol] = 0
      else queue.push(target)
    }
    for (let head = 0; head < queue.length; head += 1) {
      const state = queue[head]!
      masks[state] = masks[state]! | masks[fail[state]!]!
      for (let symbol = 0; symbol < width; symbol += 1) {
        const edge = state * width + symbol
        const fallback = next[fail[state]! * width + symbol]!
        if (next[edge] === -1) next[edge] = fallback
        else {
          fail[next[edge]!] = fallback
          queue.push(next[edge]!)
        }
      }
    }
    // States as offsets into the table save a multiplication per character.
    const offsets = new Int32Array(used * width)
    for (let index = 0; index < offsets.length; index += 1) offsets[index] = next[index]! * width
    const byOffset = new Int32Array(used * width)
    for (let state = 0; state < used; state += 1) byOffset[state * width] = masks[state]!
    this.#next = offsets
    this.#masks = byOffset
  }

  /** Number of character classes; with it the size of the table. */
  get width(): number {
    return this.#width
  }

  /** The bits of every literal that occurs in `text` from `start` up to `end`. */
  scan(text: string, start = 0, end = text.length): number {
    const classes = this.#classes
    const next = this.#next
    const masks = this.#masks
    let state = 0
    let found = 0
    let seen = 0
    for (let index = start; index < end; index += 1) {
      const code = text.charCodeAt(index)
      seen |= code
      state = next[state + (code < 128 ? classes[code]! : 0)]!
      found |= masks[state]!
    }
    return seen > 127 ? found | this.#beyond : found
  }
}
