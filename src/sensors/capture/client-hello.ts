import { createHash } from 'node:crypto'

/** What the first message of a TLS client says in the clear. */
export interface ClientHello {
  /** The host that is asked for; lower case. */
  readonly serverName?: string
  readonly protocols: readonly string[]
  /** Fingerprint of the client (JA4, github.com/FoxIO-LLC/ja4). */
  readonly ja4: string
}

/** A client hello of more bytes is not read. */
export const longestHello = 16_384

/** Names of versions in a fingerprint. */
const versions: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
])

/** Values that clients make up to keep servers tolerant (RFC 8701). */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 255)

/** Whether bytes begin like a TLS handshake record; undefined while there are too few. */
export function isTls(bytes: Buffer): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== 22) return false
  if (bytes.length > 1 && bytes[1] !== 3) return false
  return bytes.length < 6 ? undefined : bytes[5] === 1 || bytes[5] === 2
}

/**
 * The client hello (RFC 8446 §4.1.2) at the beginning of a connection, also over several records.
 * @returns `more` while it is not whole; undefined where it is none.
 */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | undefined {
  const parts: Buffer[] = []
  let size = 0
  let needed = 4
  for (let at = 0; size < needed; ) {
    if (at + 5 > bytes.length) return bytes.length >= longestHello ? undefined : 'more'
    if (bytes[at] !== 22) return undefined
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > longestHello + 256) return undefined
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    size += part.length
    if (size >= 4 && needed === 4) {
      const head = parts.length === 1 ? part : Buffer.concat(parts)
      if (head[0] !== 1) return undefined
      needed = 4 + head.readUIntBE(1, 3)
      if (needed > longestHello) return undefined
    }
    if (part.length < length && size < needed) return bytes.length >= longestHello ? undefined : 'more'
    at += 5 + length
  }
  const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  return readBody(whole.subarray(4, needed))
}

function readBody(hello: Buffer): ClientHello | undefined {
  const reader = new Reader(hello)
  const legacy = reader.number(2)
  reader.skip(32)
  reader.list(1)
  const ciphers = reader.list(2)
  reader.list(1)
  const extensions = reader.at < hello.length ? reader.list(2) : new Reader(noBytes)
  if (reader.broken) return undefined
  const cipherIds: number[] = []
  while (ciphers.at + 2 <= ciphers.length) cipherIds.push(ciphers.number(2))
  const extensionIds: number[] = []
  const protocols: string[] = []
  let signatures: number[] = []
  let serverName: string | undefined
  let version = legacy
  while (extensions.at + 4 <= extensions.length) {
    const id = extensions.number(2)
    const body = extensions.list(2)
    if (extensions.broken) return undefined
    if (!isGrease(id)) extensionIds.push(id)
    switch (id) {
      case 0: {
        const names = body.list(2)
        if (names.number(1) === 0) serverName = hostName(names.list(2).rest())
        break
      }
      case 13:
        signatures = body.list(2).numbers()
        break
      case 16: {
        const list = body.list(2)
        while (list.at < list.length && !list.broken && protocols.length < 16)
          protocols.push(list.list(1).rest().toString('latin1'))
        break
      }
      case 43:
        for (const offered of body.list(1).numbers())
          if (!isGrease(offered) && offered > version) version = offered
    }
  }
  const used = cipherIds.filter(id => !isGrease(id))
  const ja4 = fingerprint(version, serverName !== undefined, used, extensionIds, protocols[0], signatures)
  return { ...(serverName === undefined ? {} : { serverName }), protocols, ja4 }
}

/** `t13d1516h2_8daaf6152771_e5627efa2ab1`: what is offered, and hashes of it in order of number. */
function fingerprint(
  version: number,
  named: boolean,
  ciphers: readonly number[],
  extensions: readonly number[],
  protocol: string | undefined,
  signatures: readonly number[],
): string {
  const count = (list: readonly number[]): string => String(Math.min(99, list.length)).padStart(2, '0')
  const sorted = ciphers.map(hex).sort()
  // The host's name and the protocols stand in the first part.
  const others = extensions
    .filter(id => id !== 0 && id !== 16)
    .map(hex)
    .sort()
  const offered = signatures.filter(id => !isGrease(id)).map(hex)
  const first = `t${versions.get(version) ?? '00'}${named ? 'd' : 'i'}${count(ciphers)}${count(extensions)}${ends(protocol)}`
  const rest = offered.length === 0 ? others.join(',') : `${others.join(',')}_${offered.join(',')}`
  return `${first}_${digest(sorted.join(','), sorted.length)}_${digest(rest, others.length)}`
}

/** First and last character of the first protocol. */
function ends(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00'
  const first = protocol[0]!
  const last = protocol.at(-1)!
  if (/[0-9A-Za-z]/.test(first) && /[0-9A-Za-z]/.test(last)) return first + last
  const coded = Buffer.from(protocol, 'latin1').toString('hex')
  return coded[0]! + coded.at(-1)!
}

const digest = (text: string, count: number): string =>
  count === 0 ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12)

const hex = (id: number): string => id.toString(16).padStart(4, '0')

const hostName = (bytes: Buffer): string | undefined => {
  const name = bytes.toString('latin1', 0, 253).toLowerCase()
  return /^[a-z0-9_.-]+$/.test(name) ? name : undefined
}

const noBytes = Buffer.alloc(0)

/** Reads on; at the end of its bytes it gives zeros and says that it is broken. */
class Reader {
  readonly #bytes: Buffer
  at = 0
  broken = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  number(size: 1 | 2): number {
    if (this.at + size > this.#bytes.length) {
      this.broken = true
      return 0
    }
    const value = this.#bytes.readUIntBE(this.at, size)
    this.at += size
    return value
  }

  skip(size: number): void {
    this.at += size
    if (this.at > this.#bytes.length) this.broken = true
  }

  /** What a length of so many bytes stands before. */
  list(lengthSize: 1 | 2): Reader {
    const length = this.number(lengthSize)
    const from = Math.min(this.at, this.#bytes.length)
    this.skip(length)
    return new Reader(this.#bytes.subarray(from, this.broken ? from : this.at))
  }

  numbers(): number[] {
    const numbers: number[] = []
    while (this.at + 2 <= this.length && numbers.length < 64) numbers.push(this.number(2))
    return numbers
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.at)
  }
}
