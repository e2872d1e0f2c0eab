import type { Destination, Peer } from '../call/api-call.ts'
import type { ContextEvent } from '../call/event.ts'
import type { Inspection } from '../call/inspection.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'
import { memo, memoLast } from '../kit/memo.ts'

/**
 * A bounded queue of exchanges and events from one sensor's loop to analysis, in shared memory: one writer, one reader, no locks.
 * The writer never waits and wakes nobody: what does not fit is dropped and counted, and the reader looks by itself every few
 * milliseconds, so that neither a stalled nor a sleeping analysis costs the request path anything.
 *
 * Exchanges are handed on as the sensor saw them, secrets and all, so that taking the secrets out costs the request path nothing. This
 * memory is the process's own and is not written anywhere; what comes out goes to `sealCall` before anything else sees it.
 *
 * Records never wrap around the end: a head of numbers (see `word` and `number`), the length of each field in the text, the text, the request
 * body, the response body. The text of an exchange is its id, method, version, source and destination, what else is said of it where there is
 * anything, the target, and the headers, name and value, of the request and then of the response; source, destination and what else is said are
 * JSON. An event is one field of JSON. Lengths are of UTF-16 units.
 */
export interface RingMemory {
  readonly state: SharedArrayBuffer
  readonly data: SharedArrayBuffer
}

const headSlot = 0 // bytes written since the start, as unsigned 32-bit, modulo 2^32
const tailSlot = 1 // bytes read since the start
const droppedSlot = 2
/** Where the words of a record's head stand, from its beginning, in units of 4 bytes. */
const word = {
  length: 0,
  text: 1,
  fields: 2,
  requestBytes: 3,
  responseBytes: 4,
  flags: 5,
  headers: 6,
  status: 7,
} as const
/** Where its numbers stand, in units of 8 bytes. */
const number = { time: 4, durationMs: 5, requestSize: 6, responseSize: 7 } as const
const recordHead = 64
const flag = {
  event: 1,
  duration: 2,
  requestBody: 4,
  requestTruncated: 8,
  response: 16,
  responseBody: 32,
  responseTruncated: 64,
  /** It was looked at for payloads and holds none. */
  clean: 128,
  /** There is a field of what else is said. */
  more: 256,
} as const
const fieldBytes = 4
/** Id, method, version, source, destination, sensor, target. */
const textFields = 7
const usualFields = 256
/** Header names the reader knows. */
const mostNames = 1_024
const skipMark = 0xffff_ffff

/** @param bytes Room for records; rounded up to a power of two, so that the counters may overflow. At most 1 GiB. */
export function createRing(bytes: number): RingMemory {
  if (!(bytes >= 4096 && bytes <= 2 ** 30))
    throw new RangeError(`ring of ${bytes} bytes: give 4 KiB to 1 GiB`)
  return {
    state: new SharedArrayBuffer(12),
    data: new SharedArrayBuffer(2 ** Math.ceil(Math.log2(bytes))),
  }
}

/** What is rarely said of an exchange. */
interface More
  extends Pick<RawExchange, 'trace' | 'principal' | 'verdict' | 'messages' | 'sealed' | 'extra'> {
  readonly route?: string
  readonly inspection?: Inspection
  /** Base64. */
  readonly requestTail?: string
  readonly responseTail?: string
}

/** All of them, whether there or not: what is not is left out of JSON. */
type Whole<Shape> = { readonly [Key in keyof Required<Shape>]: Shape[Key] | undefined }

function moreOf(exchange: RawExchange, inspection: Inspection | undefined): string | undefined {
  const { trace, principal, verdict, messages, sealed, extra, request, response } = exchange
  const found = inspection === 'clean' ? undefined : inspection
  const said =
    trace ??
    principal ??
    verdict ??
    messages ??
    sealed ??
    extra ??
    found ??
    request.route ??
    request.body?.tail ??
    response?.body?.tail
  if (said === undefined) return undefined
  return JSON.stringify({
    trace,
    principal,
    verdict,
    messages,
    sealed,
    extra,
    inspection: found,
    route: request.route,
    requestTail: tailOf(request.body),
    responseTail: tailOf(response?.body),
  } satisfies Whole<More>)
}

const nothingMore: More = Object.freeze({})

const tailOf = (body: RawBody | undefined): string | undefined =>
  body?.tail === undefined ? undefined : Buffer.from(body.tail).toString('base64')

const align = (length: number): number => (length + 7) & ~7

/** The writing end. Use from one thread only. */
export class RingWriter {
  readonly #state: Int32Array
  readonly #bytes: Buffer
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  readonly #capacity: number
  /** Of the fields of the record at hand; grows with them. */
  #lengths = new Uint32Array(usualFields)
  /** The last one is nearly always the next one. */
  readonly #destination = memoLast((destination: Destination) => JSON.stringify(destination))

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#words = new Uint32Array(memory.data)
    this.#numbers = new Float64Array(memory.data)
    this.#capacity = memory.data.byteLength
  }

  get dropped(): number {
    return Atomics.load(this.#state, droppedSlot)
  }

  /**
   * Copies the exchange in, with what was found in it if it does not say so itself. False when there was no room: it is dropped and
   * counted.
   */
  write(exchange: RawExchange, inspection: Inspection | undefined = exchange.inspection): boolean {
    const { request, response } = exchange
    const most = 2 * (textFields + request.headers.length + (response?.headers.length ?? 0))
    if (most > this.#lengths.length) this.#lengths = new Uint32Array(2 * most)
    const lengths = this.#lengths
    const source = JSON.stringify(exchange.source)
    const destination = this.#destination(exchange.destination)
    const sensor = exchange.sensor ?? ''
    lengths[0] = exchange.id.length
    lengths[1] = request.method.length
    lengths[2] = request.httpVersion.length
    lengths[3] = source.length
    lengths[4] = destination.length
    lengths[5] = sensor.length
    lengths[6] = request.target.length
    let text =
      exchange.id + request.method + request.httpVersion + source + destination + sensor + request.target
    let fields = textFields
    for (let side = request.headers, later = response?.headers; ; side = later, later = undefined) {
      for (const [name, value] of side) {
        lengths[fields] = name.length
        lengths[fields + 1] = value.length
        fields += 2
        text += name
        text += value
      }
      if (later === undefined) break
    }
    const more = moreOf(exchange, inspection)
    if (more !== undefined) {
      lengths[fields] = more.length
      fields += 1
      text += more
    }
    const at = this.#append(text, fields, request.body?.bytes, response?.body?.bytes)
    if (at < 0) return false
    const words = at >> 2
    this.#words[words + word.flags] =
      (exchange.durationMs === undefined ? 0 : flag.duration) |
      (request.body === undefined ? 0 : flag.requestBody) |
      (request.body?.truncated === true ? flag.requestTruncated : 0) |
      (response === undefined ? 0 : flag.response) |
      (response?.body === undefined ? 0 : flag.responseBody) |
      (response?.body?.truncated === true ? flag.responseTruncated : 0) |
      (inspection === 'clean' ? flag.clean : 0) |
      (more === undefined ? 0 : flag.more)
    this.#words[words + word.headers] = request.headers.length
    this.#words[words + word.status] = response?.status ?? 0
    const numbers = at >> 3
    this.#numbers[numbers + number.time] = exchange.time
    this.#numbers[numbers + number.durationMs] = exchange.durationMs ?? 0
    this.#numbers[numbers + number.requestSize] = request.body?.size ?? 0
    this.#numbers[numbers + number.responseSize] = response?.body?.size ?? 0
    this.#advance(this.#words[words + word.length]!)
    return true
  }

  /** Copies the event in. False when there was no room: it is dropped and counted. */
  writeEvent(event: ContextEvent): boolean {
    const text = JSON.stringify(event)
    this.#lengths[0] = text.length
    const at = this.#append(text, 1, undefined, undefined)
    if (at < 0) return false
    this.#words[(at >> 2) + word.flags] = flag.event
    this.#advance(this.#words[(at >> 2) + word.length]!)
    return true
  }

  /** Where the record stands, or -1 where there was no room. It is not the reader's before `#advance`. */
  #append(
    text: string,
    fields: number,
    requestBody: Uint8Array | undefined,
    responseBody: Uint8Array | undefined,
  ): number {
    const requestLength = requestBody?.length ?? 0
    const responseLength = responseBody?.length ?? 0
    const head = recordHead + fields * fieldBytes
    // Three bytes per UTF-16 unit is the worst UTF-8 can do; the true length is written once it is known.
    const at = this.#reserve(align(head + text.length * 3 + requestLength + responseLength))
    if (at < 0) return this.#drop()
    const words = at >> 2
    const lengthsAt = (at + recordHead) >> 2
    for (let field = 0; field < fields; field += 1) this.#words[lengthsAt + field] = this.#lengths[field]!
    const textLength = this.#bytes.write(text, at + head, 'utf8')
    let end = at + head + textLength
    if (requestBody !== undefined) this.#bytes.set(requestBody, end)
    end += requestLength
    if (responseBody !== undefined) this.#bytes.set(responseBody, end)
    end += responseLength
    this.#words[words + word.length] = align(end - at)
    this.#words[words + word.text] = textLength
    this.#words[words + word.fields] = fields
    this.#words[words + word.requestBytes] = requestLength
    this.#words[words + word.responseBytes] = responseLength
    return at
  }

  #drop(): -1 {
    Atomics.add(this.#state, droppedSlot, 1)
    return -1
  }

  /** Where `length` bytes fit in one piece, or -1. Skips the rest of the buffer when the record would cross its end. */
  #reserve(length: number): number {
    const head = Atomics.load(this.#state, headSlot) >>> 0
    const tail = Atomics.load(this.#state, tailSlot) >>> 0
    const free = this.#capacity - ((head - tail) >>> 0)
    const at = head & (this.#capacity - 1)
    const toEnd = this.#capacity - at
    if (length <= toEnd) return length <= free ? at : -1
    if (toEnd + length > free) return -1
    this.#words[at >> 2] = skipMark
    this.#advance(toEnd)
    return 0
  }

  #advance(by: number): void {
    Atomics.store(this.#state, headSlot, (Atomics.load(this.#state, headSlot) + by) | 0)
  }
}

/** The reading end. Use from one thread only. */
export class RingReader {
  readonly #state: Int32Array
  readonly #bytes: Buffer
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  readonly #capacity: number
  readonly #names = new Map<string, string>()
  // The same peers come in many exchanges.
  readonly #source = memo(text => JSON.parse(text) as Peer)
  readonly #destination = memo(text => JSON.parse(text) as Destination)

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#words = new Uint32Array(memory.data)
    this.#numbers = new Float64Array(memory.data)
    this.#capacity = memory.data.byteLength
  }

  get dropped(): number {
    return Atomics.load(this.#state, droppedSlot)
  }

  /** How far the writer has come, for `isBehind`. */
  get written(): number {
    return Atomics.load(this.#state, headSlot)
  }

  /** Whether something of what was there at `written` has not been read. */
  isBehind(written: number): boolean {
    // A ring holds less than half of what the counters count.
    return ((written - Atomics.load(this.#state, tailSlot)) | 0) > 0
  }

  /** The oldest exchange or event, copied out, or undefined when there is none. An event has a `type`. */
  read(): RawExchange | ContextEvent | undefined {
    for (;;) {
      const head = Atomics.load(this.#state, headSlot)
      const tail = Atomics.load(this.#state, tailSlot)
      if (head === tail) return undefined
      const at = (tail >>> 0) & (this.#capacity - 1)
      const length = this.#words[at >> 2]!
      if (length === skipMark) {
        Atomics.store(this.#state, tailSlot, (tail + this.#capacity - at) | 0)
        continue
      }
      const exchange = this.#decode(at)
      Atomics.store(this.#state, tailSlot, (tail + length) | 0)
      return exchange
    }
  }

  #decode(at: number): RawExchange | ContextEvent {
    const words = at >> 2
    const textLength = this.#words[words + word.text]!
    const fields = this.#words[words + word.fields]!
    const requestLength = this.#words[words + word.requestBytes]!
    const responseLength = this.#words[words + word.responseBytes]!
    const flags = this.#words[words + word.flags]!
    const requestHeaders = this.#words[words + word.headers]!
    const lengthsAt = (at + recordHead) >> 2
    const textAt = at + recordHead + fields * fieldBytes
    const requestAt = textAt + textLength
    const responseAt = requestAt + requestLength
    const text = new Fields(
      this.#bytes,
      textAt,
      requestAt,
      this.#words.subarray(lengthsAt, lengthsAt + fields),
    )
    if ((flags & flag.event) !== 0) return JSON.parse(text.next()) as ContextEvent
    const numbers = at >> 3
    const id = text.next()
    const method = text.next()
    const httpVersion = text.next()
    const source = this.#source(text.next())
    const destination = this.#destination(text.next())
    const sensor = text.next()
    const target = text.next()
    const headers = this.#headers(text, requestHeaders)
    const rest = fields - textFields - ((flags & flag.more) === 0 ? 0 : 1)
    const answered = this.#headers(text, rest / 2 - requestHeaders)
    const { route, inspection, requestTail, responseTail, ...more } =
      (flags & flag.more) === 0 ? nothingMore : (JSON.parse(text.next()) as More)
    const found = (flags & flag.clean) === 0 ? inspection : 'clean'
    const requestSize = this.#numbers[numbers + number.requestSize]!
    const responseSize = this.#numbers[numbers + number.responseSize]!
    const requestTruncated = (flags & flag.requestTruncated) !== 0
    const responseTruncated = (flags & flag.responseTruncated) !== 0
    return {
      id,
      time: this.#numbers[numbers + number.time]!,
      ...((flags & flag.duration) === 0 ? {} : { durationMs: this.#numbers[numbers + number.durationMs]! }),
      source,
      destination,
      request: {
        method,
        target,
        ...(route === undefined ? {} : { route }),
        httpVersion,
        headers,
        ...((flags & flag.requestBody) === 0
          ? {}
          : { body: this.#body(requestAt, requestLength, requestSize, requestTruncated, requestTail) }),
      },
      ...((flags & flag.response) === 0
        ? {}
        : {
            response: {
              status: this.#words[words + word.status]!,
              headers: answered,
              ...((flags & flag.responseBody) === 0
                ? {}
                : {
                    body: this.#body(
                      responseAt,
                      responseLength,
                      responseSize,
                      responseTruncated,
                      responseTail,
                    ),
                  }),
            },
          }),
      ...(sensor === '' ? {} : { sensor }),
      ...(found === undefined ? {} : { inspection: found }),
      ...more,
    }
  }

  #body(at: number, length: number, size: number, truncated: boolean, tail: string | undefined): RawBody {
    const bytes = Buffer.from(this.#bytes.subarray(at, at + length))
    return tail === undefined
      ? { bytes, size, truncated }
      : { bytes, size, truncated, tail: new Uint8Array(Buffer.from(tail, 'base64')) }
  }

  #headers(text: Fields, count: number): (readonly [name: string, value: string])[] {
    const headers: (readonly [string, string])[] = []
    for (let index = 0; index < count; index += 1) headers.push([this.#nameOf(text.next()), text.next()])
    return headers
  }

  /** The same few names come in every exchange. */
  #nameOf(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    if (this.#names.size < mostNames) this.#names.set(name, name)
    return name
  }
}

/** The fields of a record, one after the other, each a text of its own. */
class Fields {
  readonly #bytes: Buffer
  readonly #lengths: Uint32Array
  /** Where it is not all ASCII: then units are not bytes. */
  readonly #text: string | undefined
  #at: number
  #field = 0

  constructor(bytes: Buffer, from: number, to: number, lengths: Uint32Array) {
    this.#bytes = bytes
    this.#lengths = lengths
    let units = 0
    for (const length of lengths) units += length
    this.#text = units === to - from ? undefined : bytes.toString('utf8', from, to)
    this.#at = this.#text === undefined ? from : 0
  }

  next(): string {
    const start = this.#at
    this.#at += this.#lengths[this.#field]!
    this.#field += 1
    return this.#text === undefined
      ? this.#bytes.toString('latin1', start, this.#at)
      : this.#text.slice(start, this.#at)
  }
}
