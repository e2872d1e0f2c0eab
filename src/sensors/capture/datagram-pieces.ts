import { BoundedMap } from '../../kit/bounded-map.ts'

interface Datagram {
  readonly began: number
  readonly pieces: { readonly at: number; readonly bytes: Buffer }[]
  held: number
  /** Known once the last piece has come. */
  length: number | undefined
}

const longest = 65_535
const mostPieces = 64
const waitMs = 30_000

/**
 * Puts fragments of IP datagrams together (RFC 791, RFC 8200 §4.5). Bounded in datagrams, pieces and time. A datagram whose fragments
 * overlap is dropped, as RFC 5722 asks for: no honest sender makes one.
 */
export class DatagramPieces {
  readonly #datagrams: BoundedMap<string, Datagram>
  /** Fragments whose datagram was dropped: too old, too many, overlapping. */
  lost = 0

  constructor(datagrams: number) {
    this.#datagrams = new BoundedMap(datagrams, (_, dropped) => {
      this.lost += dropped.pieces.length
    })
  }

  /** @returns The whole payload with its last missing piece. */
  add(key: string, at: number, bytes: Buffer, last: boolean, time: number): Buffer | undefined {
    let datagram = this.#datagrams.peek(key)
    if (datagram !== undefined && Math.abs(time - datagram.began) > waitMs) {
      this.#drop(key, datagram)
      datagram = undefined
    }
    if (datagram === undefined) {
      datagram = { began: time, pieces: [], held: 0, length: undefined }
      this.#datagrams.set(key, datagram)
    }
    const end = at + bytes.length
    const index = datagram.pieces.findIndex(piece => piece.at >= at)
    const place = index < 0 ? datagram.pieces.length : index
    const before = datagram.pieces[place - 1]
    const after = datagram.pieces[place]
    if (after !== undefined && after.at === at && after.bytes.equals(bytes)) return undefined
    const overlaps =
      (before !== undefined && before.at + before.bytes.length > at) ||
      (after !== undefined && after.at < end) ||
      (datagram.length !== undefined && (last || end > datagram.length))
    datagram.pieces.splice(place, 0, { at, bytes: Buffer.from(bytes) })
    datagram.held += bytes.length
    if (last) datagram.length = end
    if (overlaps || end > longest || datagram.pieces.length > mostPieces) {
      this.#drop(key, datagram)
      return undefined
    }
    if (datagram.length !== datagram.held) return undefined
    this.#datagrams.delete(key)
    return Buffer.concat(datagram.pieces.map(piece => piece.bytes))
  }

  /** Nothing more comes. */
  flush(): void {
    for (const [key, datagram] of this.#datagrams.entries()) this.#drop(key, datagram)
  }

  #drop(key: string, datagram: Datagram): void {
    this.lost += datagram.pieces.length
    this.#datagrams.delete(key)
  }
}
