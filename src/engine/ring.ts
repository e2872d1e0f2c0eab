import type { ContextEvent } from '../call/event.ts'
import type { Inspection } from '../call/inspection.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'

/**
 * A bounded queue of exchanges and events from one sensor's loop to analysis, in shared memory: one writer, one reader, no locks.
 * The writer never waits and wakes nobody: what does not fit is dropped and counted, and the reader looks by itself every few
 * milliseconds, so that neither a stalled nor a sleeping analysis costs the request path anything.
 *
 * Exchanges are handed on as the sensor saw them, secrets and all, so that taking the secrets out costs the request path nothing. This
 * memory is the process's own and is not written anywhere; what comes out goes to `sealCall` before anything else sees it.
 *
 * Records never wrap around the end: `[length, text bytes, fields, request body bytes, response body bytes]`, the length of each field
 * in the text, the text, the bodies. The text of an exchange is what is said of it as JSON, the target, and the headers, name and value,
 * of the request and then of the response; an event is one field of JSON. Lengths are of UTF-16 units.
 */
export interface RingMemory {
  readonly state: SharedArrayBuffer
  readonly data: SharedArrayBuffer
}

const headSlot = 0 // bytes written since the start, as unsigned 32-bit, modulo 2^32
const tailSlot = 1 // bytes read since the start
const droppedSlot = 2
const recordHead = 20
const fieldBytes = 4
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

interface AboutBody {
  readonly size: number
  readonly truncated: boolean
  /** Base64. */
  readonly tail?: string
}

/** What is said of an exchange besides its target, headers and bodies. */
interface Envelope extends Omit<RawExchange, 'request' | 'response'> {
  readonly request: Omit<RawExchange['request'], 'target' | 'headers' | 'body'>
  readonly requestHeaders: number
  readonly requestBody?: AboutBody
  readonly response?: Omit<NonNullable<RawExchange['response']>, 'headers' | 'body'>
  readonly responseBody?: AboutBody
}

/** All of them, whether there or not: what is not is left out of JSON. */
type Whole<Shape> = { readonly [Key in keyof Required<Shape>]: Shape[Key] | undefined }

const aboutOf = (body: RawBody | undefined): AboutBody | undefined =>
  body === undefined
    ? undefined
    : {
        size: body.size,
        truncated: body.truncated,
        ...(body.tail === undefined ? {} : { tail: Buffer.from(body.tail).toString('base64') }),
      }

const align = (length: number): number => (length + 3) & ~3

/** The writing end. Use from one thread only. */
export class RingWriter {
  readonly #state: Int32Array
  readonly #bytes: Buffer
  readonly #words: Uint32Array
  readonly #capacity: number
  /** Of the fields of the record at hand; grows with them. */
  #lengths = new Uint32Array(usualFields)

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#words = new Uint32Array(memory.data)
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
    const about: Whole<Envelope> = {
      id: exchange.id,
      time: exchange.time,
      durationMs: exchange.durationMs,
      source: exchange.source,
      destination: exchange.destination,
      request: {
        method: request.method,
        route: request.route,
        httpVersion: request.httpVersion,
      } satisfies Whole<Envelope['request']> as Envelope['request'],
      requestHeaders: request.headers.length,
      requestBody: aboutOf(request.body),
      response: response === undefined ? undefined : { status: response.status },
      responseBody: aboutOf(response?.body),
      trace: exchange.trace,
      sensor: exchange.sensor,
      principal: exchange.principal,
      verdict: exchange.verdict,
      messages: exchange.messages,
      inspection,
      sealed: exchange.sealed,
      extra: exchange.extra,
    }
    const most = 2 * (1 + request.headers.length + (response?.headers.length ?? 0))
    if (most > this.#lengths.length) this.#lengths = new Uint32Array(2 * most)
    const lengths = this.#lengths
    let text = JSON.stringify(about)
    lengths[0] = text.length
    lengths[1] = request.target.length
    text += request.target
    let fields = 2
    for (let side = request.headers, more = response?.headers; ; side = more, more = undefined) {
      for (const [name, value] of side) {
        lengths[fields] = name.length
        lengths[fields + 1] = value.length
        fields += 2
        text += name
        text += value
      }
      if (more === undefined) break
    }
    return this.#append(text, fields, request.body?.bytes, response?.body?.bytes)
  }

  /** Copies the event in. False when there was no room: it is dropped and counted. */
  writeEvent(event: ContextEvent): boolean {
    const text = JSON.stringify(event)
    this.#lengths[0] = text.length
    return this.#append(text, 1, undefined, undefined)
  }

  #append(
    text: string,
    fields: number,
    requestBody: Uint8Array | undefined,
    responseBody: Uint8Array | undefined,
  ): boolean {
    const requestLength = requestBody?.length ?? 0
    const responseLength = responseBody?.length ?? 0
    const head = recordHead + fields * fieldBytes
    // Three bytes per UTF-16 unit is the worst UTF-8 can do; the true length is written once it is known.
    const at = this.#reserve(align(head + text.length * 3 + requestLength + responseLength))
    if (at < 0) return this.#drop()
    const words = at >> 2
    for (let field = 0; field < fields; field += 1) this.#words[words + 5 + field] = this.#lengths[field]!
    const textLength = this.#bytes.write(text, at + head, 'utf8')
    let end = at + head + textLength
    if (requestBody !== undefined) this.#bytes.set(requestBody, end)
    end += requestLength
    if (responseBody !== undefined) this.#bytes.set(responseBody, end)
    end += responseLength
    const length = align(end - at)
    this.#words[words] = length
    this.#words[words + 1] = textLength
    this.#words[words + 2] = fields
    this.#words[words + 3] = requestLength
    this.#words[words + 4] = responseLength
    this.#advance(length)
    return true
  }

  #drop(): false {
    Atomics.add(this.#state, droppedSlot, 1)
    return false
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
  readonly #capacity: number
  readonly #names = new Map<string, string>()

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#words = new Uint32Array(memory.data)
    this.#capacity = memory.data.byteLength
  }

  get dropped(): number {
    return Atomics.load(this.#state, droppedSlot)
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
    const words = (at >> 2) + 1
    const textLength = this.#words[words]!
    const fields = this.#words[words + 1]!
    const requestLength = this.#words[words + 2]!
    const responseLength = this.#words[words + 3]!
    const textAt = at + recordHead + fields * fieldBytes
    const requestAt = textAt + textLength
    const responseAt = requestAt + requestLength
    const text = new Fields(
      this.#bytes,
      textAt,
      requestAt,
      this.#words.subarray(words + 4, words + 4 + fields),
    )
    const envelope = JSON.parse(text.next()) as Envelope | ContextEvent
    if ('type' in envelope) return envelope
    const { requestHeaders, requestBody, response, responseBody, ...rest } = envelope
    const copy = (from: number, length: number, { tail, ...about }: AboutBody): RawBody => ({
      bytes: Buffer.from(this.#bytes.subarray(from, from + length)),
      ...about,
      ...(tail === undefined ? {} : { tail: new Uint8Array(Buffer.from(tail, 'base64')) }),
    })
    const request = {
      ...envelope.request,
      target: text.next(),
      headers: this.#headers(text, requestHeaders),
      ...(requestBody === undefined ? {} : { body: copy(requestAt, requestLength, requestBody) }),
    }
    if (response === undefined) return { ...rest, request }
    return {
      ...rest,
      request,
      response: {
        ...response,
        headers: this.#headers(text, (fields - 2) / 2 - requestHeaders),
        ...(responseBody === undefined ? {} : { body: copy(responseAt, responseLength, responseBody) }),
      },
    }
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
