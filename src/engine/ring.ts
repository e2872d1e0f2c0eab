import type { ContextEvent } from '../call/event.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'

/**
 * A bounded queue of exchanges and events from one sensor's loop to analysis, in shared memory: one writer, one reader, no locks.
 * The writer never waits and wakes nobody: what does not fit is dropped and counted, and the reader looks by itself every few
 * milliseconds, so that neither a stalled nor a sleeping analysis costs the request path anything. Records are `[length, json bytes, request body bytes, response body bytes]` and never wrap around the end.
 */
export interface RingMemory {
  readonly state: SharedArrayBuffer
  readonly data: SharedArrayBuffer
}

const headSlot = 0 // bytes written since the start, as unsigned 32-bit, modulo 2^32
const tailSlot = 1 // bytes read since the start
const droppedSlot = 2
const recordHead = 16
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

interface Envelope extends Omit<RawExchange, 'request' | 'response'> {
  readonly request: Omit<RawExchange['request'], 'body'>
  readonly requestBody?: { readonly size: number; readonly truncated: boolean }
  readonly response?: Omit<NonNullable<RawExchange['response']>, 'body'>
  /** `tail`: base64. */
  readonly responseBody?: { readonly size: number; readonly truncated: boolean; readonly tail?: string }
}

const align = (length: number): number => (length + 3) & ~3

/** The writing end. Use from one thread only. */
export class RingWriter {
  readonly #state: Int32Array
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #capacity: number

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#view = new DataView(memory.data)
    this.#capacity = memory.data.byteLength
  }

  get dropped(): number {
    return Atomics.load(this.#state, droppedSlot)
  }

  /** Copies the exchange in. False when there was no room: it is dropped and counted. */
  write(exchange: RawExchange): boolean {
    const { request, response, ...rest } = exchange
    const { body: requestBody, ...requestHead } = request
    const { body: responseBody, ...responseHead } = response ?? { status: 0, headers: [] }
    const envelope: Envelope = {
      ...rest,
      request: requestHead,
      ...(requestBody === undefined
        ? {}
        : { requestBody: { size: requestBody.size, truncated: requestBody.truncated } }),
      ...(response === undefined ? {} : { response: responseHead }),
      ...(responseBody === undefined
        ? {}
        : {
            responseBody: {
              size: responseBody.size,
              truncated: responseBody.truncated,
              ...(responseBody.tail === undefined
                ? {}
                : { tail: Buffer.from(responseBody.tail).toString('base64') }),
            },
          }),
    }
    return this.#append(JSON.stringify(envelope), requestBody?.bytes, responseBody?.bytes)
  }

  /** Copies the event in. False when there was no room: it is dropped and counted. */
  writeEvent(event: ContextEvent): boolean {
    return this.#append(JSON.stringify(event), undefined, undefined)
  }

  #append(json: string, requestBody: Uint8Array | undefined, responseBody: Uint8Array | undefined): boolean {
    const requestLength = requestBody?.length ?? 0
    const responseLength = responseBody?.length ?? 0
    // Three bytes per UTF-16 unit is the worst UTF-8 can do; the true length is written once it is known.
    const worst = align(recordHead + json.length * 3 + requestLength + responseLength)
    const at = this.#reserve(worst)
    if (at < 0) {
      Atomics.add(this.#state, droppedSlot, 1)
      return false
    }
    const jsonLength = this.#bytes.write(json, at + recordHead, 'utf8')
    let end = at + recordHead + jsonLength
    if (requestBody !== undefined) this.#bytes.set(requestBody, end)
    end += requestLength
    if (responseBody !== undefined) this.#bytes.set(responseBody, end)
    end += responseLength
    const length = align(end - at)
    this.#view.setUint32(at, length, true)
    this.#view.setUint32(at + 4, jsonLength, true)
    this.#view.setUint32(at + 8, requestLength, true)
    this.#view.setUint32(at + 12, responseLength, true)
    this.#advance(length)
    return true
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
    this.#view.setUint32(at, skipMark, true)
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
  readonly #view: DataView
  readonly #capacity: number

  constructor(memory: RingMemory) {
    this.#state = new Int32Array(memory.state)
    this.#bytes = Buffer.from(memory.data)
    this.#view = new DataView(memory.data)
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
      const length = this.#view.getUint32(at, true)
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
    const jsonLength = this.#view.getUint32(at + 4, true)
    const requestLength = this.#view.getUint32(at + 8, true)
    const responseLength = this.#view.getUint32(at + 12, true)
    const jsonAt = at + recordHead
    const requestAt = jsonAt + jsonLength
    const responseAt = requestAt + requestLength
    const envelope = JSON.parse(this.#bytes.toString('utf8', jsonAt, requestAt)) as Envelope | ContextEvent
    if ('type' in envelope) return envelope
    const { request, requestBody, response, responseBody, ...rest } = envelope
    const copy = (
      from: number,
      length: number,
      { tail, ...about }: { size: number; truncated: boolean; tail?: string },
    ): RawBody => ({
      bytes: new Uint8Array(this.#bytes.subarray(from, from + length)),
      ...about,
      ...(tail === undefined ? {} : { tail: new Uint8Array(Buffer.from(tail, 'base64')) }),
    })
    return {
      ...rest,
      request:
        requestBody === undefined
          ? request
          : { ...request, body: copy(requestAt, requestLength, requestBody) },
      ...(response === undefined
        ? {}
        : {
            response:
              responseBody === undefined
                ? response
                : { ...response, body: copy(responseAt, responseLength, responseBody) },
          }),
    }
  }
}
