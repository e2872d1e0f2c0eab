import { createHash } from 'node:crypto'

/** A TLS record is at most this long, and a ClientHello fits into one (RFC 8446 §5.1). */
const maxRecord = 16_384 + 5

/**
 * How many bytes from the start of a connection hold its ClientHello: undefined while that cannot be told, 0 where it does not begin like
 * a TLS handshake.
 */
export function helloLength(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] !== 22) return 0
  if (bytes.length > 1 && bytes[1] !== 3) return 0
  if (bytes.length < 5) return undefined
  const length = bytes.readUInt16BE(3) + 5
  return length > maxRecord ? 0 : length
}

/**
 * The JA4 fingerprint of a ClientHello record (FoxIO's JA4 technical details): `t13d1516h2_8daaf6152771_e5627efa2ab1`. It tells one TLS
 * client from another. Undefined where the record is malformed or holds only a part of the message.
 */
export function ja4(record: Buffer): string | undefined {
  try {
    return fingerprint(new Reader(record, 5, record.length))
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

function fingerprint(record: Reader): string | undefined {
  if (record.number(1) !== 1) return undefined
  const hello = record.part(3)
  let version = hello.number(2)
  hello.skip(32)
  hello.skip(hello.number(1))
  const ciphers = hello.part(2).numbers().filter(isReal)
  hello.skip(hello.number(1))
  const extensions: number[] = []
  let signatures: number[] = []
  let named = false
  let protocol = ''
  const all = hello.left === 0 ? undefined : hello.part(2)
  while (all !== undefined && all.left > 0) {
    const type = all.number(2)
    const content = all.part(2)
    if (!isReal(type)) continue
    extensions.push(type)
    if (type === 0) named = true
    else if (type === 13) signatures = content.part(2).numbers().filter(isReal)
    else if (type === 16) protocol = content.part(2).part(1).text()
    else if (type === 43) version = Math.max(0, ...content.part(1).numbers().filter(isReal))
  }
  const head = `t${versions.get(version) ?? '00'}${named ? 'd' : 'i'}${count(ciphers)}${count(extensions)}${ends(protocol)}`
  const listed = extensions.filter(type => type !== 0 && type !== 16)
  const signed = signatures.length === 0 ? '' : `_${signatures.map(hex).join(',')}`
  return `${head}_${hash(sorted(ciphers))}_${hash(listed.length === 0 ? '' : sorted(listed) + signed)}`
}

const versions: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
])

/** Values that stand for nothing (RFC 8701). */
const isReal = (value: number): boolean => (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff)
const hex = (value: number): string => value.toString(16).padStart(4, '0')
const count = (values: readonly number[]): string => String(Math.min(99, values.length)).padStart(2, '0')
const sorted = (values: readonly number[]): string => values.map(hex).sort().join(',')
const hash = (text: string): string =>
  text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12)

/** First and last character of a protocol's name; of one that is no letters or digits, of its hexadecimal form. */
function ends(protocol: string): string {
  if (protocol === '') return '00'
  const pair = protocol[0]! + protocol.at(-1)!
  if (/^[0-9A-Za-z]{2}$/.test(pair)) return pair
  const text = Buffer.from(protocol, 'latin1').toString('hex')
  return text[0]! + text.at(-1)!
}

/** Reads the parts of a message; beyond their end it throws `RangeError`. */
class Reader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, from: number, end: number) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
  }

  get left(): number {
    return this.#end - this.#at
  }

  skip(bytes: number): void {
    if (bytes > this.left) throw new RangeError('beyond the end')
    this.#at += bytes
  }

  number(bytes: number): number {
    this.skip(bytes)
    return this.#bytes.readUIntBE(this.#at - bytes, bytes)
  }

  /** What follows a length of so many bytes. */
  part(lengthBytes: number): Reader {
    const length = this.number(lengthBytes)
    this.skip(length)
    return new Reader(this.#bytes, this.#at - length, this.#at)
  }

  numbers(): number[] {
    const values: number[] = []
    while (this.left > 1) values.push(this.number(2))
    return values
  }

  text(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end)
  }
}
