import { isRecord, type JsonRecord } from '../../call/field-reader.ts'
import { Gathered, lineRecords, type Piece, tooLong } from './records.ts'

/** Under these names clouds and orchestrators wrap their records: CloudTrail, Azure Monitor, lists of Kubernetes and of Google Cloud. */
const wrappers = ['Records', 'records', 'items', 'entries', 'logEvents'] as const
const longestKey = 16
const headBytes = 65_536

/** The records in a JSON value: those that it wraps, the elements of a list, or itself. Only objects. */
export function unwrapped(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value)) return value.filter(isRecord)
  if (!isRecord(value)) return []
  const inner = wrappedIn(value)
  return inner === undefined ? [value] : inner.filter(isRecord)
}

function wrappedIn(value: JsonRecord): readonly unknown[] | undefined {
  for (const name of wrappers) {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined
    if (Array.isArray(inner) && (inner.length === 0 || isRecord(inner[0]))) return inner
  }
  return undefined
}

/** Where records stand in a document: at its top, in its list, or in the list that an object wraps them in. */
type Level = 0 | 1 | 2

/** The objects at one level of a document, found by their brackets as the bytes come: a broken one spoils only itself. */
class ObjectScanner {
  readonly #level: Level
  readonly #bound: number
  readonly #record: Gathered
  #depth = 0
  #inString = false
  #escaped = false
  #key = ''
  /** The last thing within the wrapper was its key's colon. */
  #afterColon = false
  #inList = false
  #inRecord = false
  #position = 0

  constructor(level: Level, bound: number) {
    this.#level = level
    this.#bound = bound
    this.#record = new Gathered(bound)
  }

  *feed(chunk: Uint8Array): Generator<Piece> {
    let from = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === 92) this.#escaped = true
        // No text of JSON goes over a line.
        else if (byte === 34 || byte === 10) this.#inString = false
        else if (!this.#inRecord && this.#key.length <= longestKey) this.#key += String.fromCharCode(byte)
        continue
      }
      if (byte === 34) {
        this.#inString = true
        if (!this.#inRecord) this.#key = ''
      } else if (byte === 123 || byte === 91) {
        if (
          byte === 123 &&
          !this.#inRecord &&
          this.#depth === this.#level &&
          (this.#level < 2 || this.#inList)
        ) {
          this.#inRecord = true
          this.#position += 1
          from = index
        } else if (byte === 91 && this.#depth === 1 && this.#level === 2 && !this.#inRecord)
          this.#inList = this.#afterColon && (wrappers as readonly string[]).includes(this.#key)
        this.#depth += 1
      } else if (byte === 125 || byte === 93) {
        if (this.#depth > 0) this.#depth -= 1
        if (this.#inRecord && this.#depth === this.#level) {
          this.#record.add(chunk.subarray(from, index + 1))
          yield this.#take()
        } else if (!this.#inRecord && this.#depth < 2) this.#inList = false
      }
      if (byte > 32) this.#afterColon = byte === 58
    }
    if (this.#inRecord) this.#record.add(chunk.subarray(from))
  }

  *end(): Generator<Piece> {
    if (!this.#inRecord) return
    this.#record.take()
    yield { position: this.#position, problem: 'The JSON of the record breaks off.' }
  }

  #take(): Piece {
    this.#inRecord = false
    const position = this.#position
    if (!this.#record.over) return { position, text: this.#record.take() }
    this.#record.take()
    return { position, problem: tooLong('record', this.#bound) }
  }
}

/** How a file of JSON falls into records, by its beginning: by line, or by brackets. */
function layoutOf(head: string): Level | 'lines' {
  const text = head.replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('[')) return 1
  const end = text.indexOf('\n')
  try {
    const value: unknown = JSON.parse(end < 0 ? text : text.slice(0, end))
    if (isRecord(value)) return wrappedIn(value) === undefined ? 'lines' : 2
  } catch {
    // Not whole: a document over several lines, one longer than the head, or a line that is broken.
  }
  const [first] = new ObjectScanner(2, headBytes).feed(Buffer.from(text))
  if (first !== undefined) return 2
  // Each of the next lines on its own is JSON Lines whose first is broken.
  return /^\{[^\n]+\n\s*\{"/.test(text) ? 'lines' : 0
}

/**
 * JSON objects by position: a line each, one document after the other, the elements of a list, or of the list that an object wraps
 * them in (`{"Records": […]}`). A record is never held beyond `bound` bytes.
 */
export async function* jsonRecords(chunks: AsyncIterable<Uint8Array>, bound: number): AsyncGenerator<Piece> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  while (size < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(next.value)
    size += next.value.length
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* first
      first.length = 0
      for (;;) {
        const next = await iterator.next()
        if (next.done === true) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const layout = layoutOf(Buffer.concat(first).subarray(0, headBytes).toString('utf8'))
  if (layout === 'lines') {
    yield* lineRecords(all(), bound)
    return
  }
  const scanner = new ObjectScanner(layout, bound)
  for await (const chunk of all()) yield* scanner.feed(chunk)
  yield* scanner.end()
}

let known: { readonly head: string; readonly values: readonly JsonRecord[] } | undefined

/** The first records that are whole within the head of a file, 20 at most. */
export function recordsInHead(head: string): readonly JsonRecord[] {
  // Every format asks for the same head.
  if (known?.head === head) return known.values
  const values: JsonRecord[] = []
  const take = (text: string): void => {
    try {
      values.push(...unwrapped(JSON.parse(text)))
    } catch {
      // Others are tried.
    }
  }
  const start = head.replace(/^\uFEFF/, '').trimStart()
  if (start.startsWith('{') || start.startsWith('[')) {
    const layout = layoutOf(head)
    if (layout === 'lines') for (const line of start.split('\n', 20)) take(line)
    else {
      for (const piece of new ObjectScanner(layout, headBytes).feed(Buffer.from(start))) {
        if ('text' in piece) take(piece.text)
        if (values.length >= 20) break
      }
    }
  }
  known = { head, values }
  return values
}
