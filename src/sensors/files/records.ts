import type { FileRecord } from './file-format.ts'

/** A record, or what is wrong at its place. */
export type Piece = FileRecord | { readonly position: number; readonly problem: string }

/** Bytes that are gathered until their record is whole, up to a bound. */
export class Gathered {
  readonly #bound: number
  #parts: Uint8Array[] = []
  #size = 0
  over = false

  constructor(bound: number) {
    this.#bound = bound
  }

  add(part: Uint8Array): void {
    this.#size += part.length
    if (this.#size > this.#bound) {
      this.over = true
      this.#parts = []
    } else if (!this.over && part.length > 0) this.#parts.push(part)
  }

  get empty(): boolean {
    return this.#size === 0
  }

  /** The text so far, and a fresh start. Invalid UTF-8 becomes U+FFFD. */
  take(): string {
    const [first] = this.#parts
    const bytes = this.#parts.length === 1 ? first! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#size = 0
    this.over = false
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  }
}

export const tooLong = (what: string, bound: number): string => `The ${what} is longer than ${bound} bytes.`

/** Lines by number; empty ones are left out, a byte order mark and carriage returns too. A line is never held beyond `bound` bytes. */
export async function* lineRecords(chunks: AsyncIterable<Uint8Array>, bound: number): AsyncGenerator<Piece> {
  const line = new Gathered(bound)
  let position = 1
  const finish = (): Piece | undefined => {
    if (line.over) {
      line.take()
      return { position, problem: tooLong('line', bound) }
    }
    if (line.empty) return undefined
    let text = line.take()
    if (position === 1 && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    if (text.endsWith('\r')) text = text.slice(0, -1)
    return text.trim() === '' ? undefined : { position, text }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(10, from)
      if (end < 0) break
      line.add(chunk.subarray(from, end))
      const piece = finish()
      if (piece !== undefined) yield piece
      position += 1
      from = end + 1
    }
    if (from < chunk.length) line.add(chunk.subarray(from))
  }
  const last = finish()
  if (last !== undefined) yield last
}

const quote = 34
const backslash = 92

/**
 * The elements of `log.entries` of a HAR, found by their brackets as the bytes come: a broken entry spoils itself alone, and a file cut
 * off gives what it has. An entry is never held beyond `bound` bytes.
 */
export async function* harRecords(chunks: AsyncIterable<Uint8Array>, bound: number): AsyncGenerator<Piece> {
  const entry = new Gathered(bound)
  let depth = 0
  let inString = false
  let escaped = false
  /** The string that ended last at depth 2, to know the key `entries`. */
  let key = ''
  let inEntries = false
  let inEntry = false
  let seen = false
  /** Brackets that are open around the entries, and whether one was closed by another kind. */
  const around: number[] = []
  let crossed = false
  let position = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
        else if (!inEntries && depth === 2 && key.length < 16) key += String.fromCharCode(byte)
        continue
      }
      if (byte === quote) {
        inString = true
        if (!inEntries) key = ''
      } else if (byte === 123 || byte === 91) {
        if (!inEntries && byte === 91 && depth === 2 && key === 'entries') {
          inEntries = true
          seen = true
        } else if (inEntries && !inEntry && depth === 3) {
          inEntry = true
          position += 1
          from = index
        }
        if (depth < 3) around[depth] = byte
        depth += 1
      } else if (byte === 125 || byte === 93) {
        // Of both kinds the closing one is two behind the one it closes.
        if (depth === 0 || (depth <= 3 && around[depth - 1] !== byte - 2)) crossed = true
        depth = Math.max(0, depth - 1)
        if (inEntry && depth === 3) {
          entry.add(chunk.subarray(from, index + 1))
          inEntry = false
          if (entry.over) {
            entry.take()
            yield { position, problem: tooLong('entry', bound) }
          } else yield { position, text: entry.take() }
        } else if (inEntries && depth < 3) inEntries = false
      }
    }
    if (inEntry) entry.add(chunk.subarray(from))
  }
  if (inEntry) yield { position, problem: 'The file ends within this entry.' }
  else if (!seen) yield { position: 1, problem: 'The file has no `log.entries`.' }
  else if (depth > 0) yield { position: position + 1, problem: 'The file ends before its entries do.' }
  else if (crossed)
    yield { position: position + 1, problem: 'Around the entries a bracket is closed that was not open.' }
}
