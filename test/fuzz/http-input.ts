import { smugglingCases } from '../smuggling/corpus.ts'
import { type Llhttp, laxer, type Reading, readOurs } from '../smuggling/readings.ts'

/** Numbers from a seed: mulberry32. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `below` − 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }
}

/** Short ones: a parser's faults do not need long input, and runs do. */
const seeds = smugglingCases.filter(({ bytes }) => bytes.length < 600).map(({ bytes }) => bytes)

const pieces = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    '\0',
    ' ',
    '\t',
    '\x0b',
    '\x0c',
    '\x7f',
    '\x80',
    '\xff',
    ':',
    ';',
  ],
  ...[
    '=',
    '"',
    ',',
    '/',
    '*',
    '#',
    '0',
    '1',
    '5',
    'a',
    'f',
    'ffffffff',
    '-1',
    '+',
    '0x',
    'HTTP/1.1',
    'HTTP/1.0',
  ],
  ...[
    'GET ',
    'POST ',
    'HEAD ',
    'Host: a\r\n',
    'Host: b\r\n',
    'Content-Length: 5\r\n',
    'Content-Length: 0\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'transfer-encoding:chunked\r\n',
    'Connection: close\r\n',
    'Expect: 100-continue\r\n',
  ],
  ...[
    'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    'Connection: keep-alive\r\n',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    'X-A: b\r\n',
  ],
] as const

/** Some messages of the corpus one after the other, with a few places changed. */
export function input(random: Random): string {
  let text = ''
  for (let left = 1 + random.below(3); left > 0; left -= 1) text += random.of(seeds)
  for (let left = random.below(5); left > 0; left -= 1) {
    const at = random.below(text.length + 1)
    const removed = random.of([0, 0, 1, 1, 2, 4, 12])
    const kind = random.below(4)
    const put =
      kind === 0
        ? String.fromCharCode(random.below(256))
        : kind === 1
          ? text.slice(random.below(text.length + 1)).slice(0, random.below(40))
          : kind === 2
            ? ''
            : random.of(pieces)
    text = text.slice(0, at) + put + text.slice(at + removed)
  }
  return text
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const cuts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(random.of([1, 3, 20, 200]))
    cuts.push(bytes.subarray(at, at + length))
    at += length
  }
  return cuts
}

/** What a reader let in, without what it only has begun with: pieces may end within it. */
const settled = ({ requests, refused }: Reading): string =>
  JSON.stringify([requests.filter(({ complete }) => complete), refused === undefined])

/**
 * Reads one input here and with llhttp. Gives what is wrong: something let in that llhttp refuses or reads otherwise, or a reading that
 * depends on how the bytes were cut; undefined where all is well.
 */
export async function fault(text: string, random: Random, llhttp: Llhttp): Promise<string | undefined> {
  const bytes = Buffer.from(text, 'latin1')
  const whole = readOurs([bytes])
  const inPieces = readOurs(cut(bytes, random))
  if (settled(whole) !== settled(inPieces)) return `in pieces ${settled(inPieces)}, whole ${settled(whole)}`
  // Where HTTP/2 seems to begin Node's server tells nothing more of the connection, not even the end of the request before.
  if (text.includes('PRI *')) return undefined
  return laxer(whole, await llhttp.read([bytes]))
}
