import type { HeaderPair } from '../gateway/header-pair.ts'
import { huffmanText } from './hpack-huffman.ts'

/** RFC 7541, appendix A. */
const staticTable: readonly HeaderPair[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
]

export interface HeaderListBounds {
  /** Bytes of the dynamic table: an encoder that asks for more cannot be followed. */
  readonly tableBytes: number
  /** Headers of one block that are kept. */
  readonly headerCount: number
  /** Bytes of names and values of one block that are kept. */
  readonly listBytes: number
}

/** What an entry is charged beside its name and value (RFC 7541 §4.1). */
const entryOverhead = 32

/** A block that cannot be followed; nothing behind it on the connection can, either. */
export class BrokenHeaders extends Error {}

/**
 * Decoder of HPACK (RFC 7541) for one direction of a connection. Bounded in its table and in what is kept of a block; what is beyond
 * is decoded for the table's sake and left out.
 */
export class HpackDecoder {
  readonly #bounds: HeaderListBounds
  /** Newest last. */
  #table: HeaderPair[] = []
  #tableBytes = 0
  #tableLimit = 4_096
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  /** Headers of the last block that were left out. */
  leftOut = 0
  /** How often the table changed: as long as it did not, the same block says the same. */
  changes = 0

  constructor(bounds: HeaderListBounds) {
    this.#bounds = bounds
  }

  get tableBytes(): number {
    return this.#tableBytes
  }

  /** @throws BrokenHeaders */
  decode(block: Buffer): HeaderPair[] {
    this.#bytes = block
    this.#at = 0
    this.leftOut = 0
    const headers: HeaderPair[] = []
    let kept = 0
    while (this.#at < block.length) {
      const header = this.#field(block[this.#at]!)
      if (header === undefined) continue
      kept += header[0].length + header[1].length
      if (headers.length < this.#bounds.headerCount && kept <= this.#bounds.listBytes) headers.push(header)
      else this.leftOut += 1
    }
    this.#bytes = Buffer.alloc(0)
    return headers
  }

  #field(first: number): HeaderPair | undefined {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7))
    if ((first & 0xe0) === 0x20) {
      const limit = this.#integer(5)
      if (limit > this.#bounds.tableBytes) throw new BrokenHeaders('a header table is larger than the bound')
      this.#tableLimit = limit
      this.changes += 1
      this.#evict()
      return undefined
    }
    const indexed = (first & 0x40) !== 0
    const index = this.#integer(indexed ? 6 : 4)
    const name = index === 0 ? this.#text().toLowerCase() : this.#entry(index)[0]
    const header: HeaderPair = [name, this.#text()]
    if (indexed) this.#add(header)
    return header
  }

  #entry(index: number): HeaderPair {
    const found =
      index <= staticTable.length
        ? staticTable[index - 1]
        : this.#table[this.#table.length - (index - staticTable.length)]
    if (found === undefined) throw new BrokenHeaders('a header names no entry of its table')
    return found
  }

  #add(header: HeaderPair): void {
    this.changes += 1
    this.#table.push(header)
    this.#tableBytes += sizeOf(header)
    this.#evict()
  }

  #evict(): void {
    let gone = 0
    while (this.#tableBytes > this.#tableLimit) {
      this.#tableBytes -= sizeOf(this.#table[gone]!)
      gone += 1
    }
    if (gone > 0) this.#table.splice(0, gone)
  }

  #integer(prefix: number): number {
    const most = (1 << prefix) - 1
    let value = this.#bytes[this.#at]! & most
    this.#at += 1
    if (value < most) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) break
      this.#at += 1
      value += (byte & 127) << shift
      if (byte < 128) return value
    }
    throw new BrokenHeaders('a number in a header block has no end, or is too large')
  }

  #text(): string {
    const first = this.#bytes[this.#at]
    if (first === undefined) throw new BrokenHeaders('a header block ends within a header')
    const length = this.#integer(7)
    const end = this.#at + length
    if (end > this.#bytes.length) throw new BrokenHeaders('a header block ends within a header')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    const text = (first & 0x80) === 0 ? bytes.toString('latin1') : huffmanText(bytes)
    if (text === undefined) throw new BrokenHeaders('a header is not well coded')
    return text
  }
}

const sizeOf = ([name, value]: HeaderPair): number => name.length + value.length + entryOverhead
