import { crc32 } from 'node:zlib'
import type { CaptureCounts } from './capture-counts.ts'
import type { CaptureLimits } from './capture-options.ts'
import type { HeldLedger } from './held-budget.ts'
import { type TcpSegment, tcpFlags } from './packet-decoder.ts'

/** When a piece of a stream came, and where it stands. */
export interface Moment {
  /** Of the packet, ms since the epoch. */
  readonly time: number
  /** Bytes of this direction before the piece. */
  readonly offset: number
  /** Bytes of the other direction that the sender had seen when it sent this. */
  readonly seen: number
}

/** Which end: 0 and 1, in the order of their addresses. */
export type Side = 0 | 1

export interface StreamReader {
  /** The next bytes of one direction; valid only during the call. */
  data(side: Side, bytes: Buffer, moment: Moment): void
  /** So many bytes were sent, and not captured. */
  gap(side: Side, size: number, moment: Moment): void
  /** One end has said its last. */
  finish(side: Side, moment: Moment): void
}

interface Waiting {
  readonly sequence: number
  readonly acknowledged: number
  readonly bytes: Buffer
  readonly time: number
}

interface Told {
  sequence: number
  length: number
  digest: number
}

const endOf = (piece: Waiting): number => (piece.sequence + piece.bytes.length) >>> 0

const cut = (piece: Waiting, from: number, to: number): Waiting => ({
  ...piece,
  sequence: (piece.sequence + from) >>> 0,
  bytes: piece.bytes.subarray(from, to),
})

const remembered = 4
/** A number further off belongs to no honest segment of this connection: windows end at 1 GiB. */
const farthest = 2 ** 30
/** A reset further off than this from what is expected is forged. */
const resetWindow = 1024 * 1024

/** `a - b` of two sequence numbers (RFC 9293 §3.4). */
const distance = (a: number, b: number): number => (a - b) | 0

class Direction {
  /** The number expected next; undefined until something is known. */
  next: number | undefined
  delivered = 0
  finAt: number | undefined
  finished = false
  waiting: Waiting[] = []
  waitingBytes = 0
  readonly #told: Told[] = []
  #slot = 0

  begin(sequence: number): void {
    this.next ??= sequence
  }

  remember(sequence: number, bytes: Buffer): void {
    const told = { sequence, length: bytes.length, digest: crc32(bytes) }
    this.#told[this.#slot] = told
    this.#slot = (this.#slot + 1) % remembered
  }

  /** The same place was filled otherwise before. */
  contradicts(sequence: number, bytes: Buffer): boolean {
    const told = this.#told.find(one => one.sequence === sequence && one.length === bytes.length)
    return told !== undefined && told.digest !== crc32(bytes)
  }

  /**
   * Keeps what waiting pieces do not have yet.
   * @returns Whether they say otherwise where both say something.
   */
  wait(piece: Waiting): boolean {
    const kept: Waiting[] = []
    let contradicts = false
    let rest: Waiting | undefined = piece
    let place = this.waiting.length
    // Most come in order: nothing behind the last one is looked at.
    while (place > 0 && distance(endOf(this.waiting[place - 1]!), piece.sequence) > 0) place -= 1
    let at = place
    for (; rest !== undefined && at < this.waiting.length; at += 1) {
      const other: Waiting = this.waiting[at]!
      const before = distance(other.sequence, rest.sequence)
      if (before >= rest.bytes.length) break
      if (before > 0) kept.push(cut(rest, 0, before))
      kept.push(other)
      const from = Math.max(0, before)
      const to: number = Math.min(rest.bytes.length, distance(endOf(other), rest.sequence))
      const there = other.bytes.subarray(from - before, to - before)
      if (!rest.bytes.subarray(from, to).equals(there)) contradicts = true
      rest = to < rest.bytes.length ? cut(rest, to, rest.bytes.length) : undefined
    }
    if (rest !== undefined) kept.push(rest)
    this.waiting.splice(place, at - place, ...kept)
    this.waitingBytes = 0
    for (const one of this.waiting) this.waitingBytes += one.bytes.length
    return contradicts
  }

  shift(): Waiting {
    const piece = this.waiting.shift()!
    this.waitingBytes -= piece.bytes.length
    return piece
  }
}

const mostWaiting = 1_024

/**
 * One TCP connection from its segments (RFC 9293): each direction's bytes in order and once. Where segments overlap, the first to say
 * something is believed; one that says otherwise is counted. A piece that comes before what its sender had already seen of the other
 * side waits for it, so that a question is read before its answer. What stays missing becomes a gap.
 */
export class TcpConnection {
  readonly #limits: CaptureLimits
  readonly #counts: CaptureCounts
  readonly #reader: StreamReader
  readonly #ledger: HeldLedger
  readonly #directions: readonly [Direction, Direction] = [new Direction(), new Direction()]
  /** The end that began the connection; undefined where that was not captured. */
  initiator: Side | undefined
  readonly began: number
  lastAt: number
  /** Segments contradicted earlier ones. */
  conflicts = 0

  constructor(
    time: number,
    limits: CaptureLimits,
    counts: CaptureCounts,
    ledger: HeldLedger,
    reader: StreamReader,
  ) {
    this.began = time
    this.lastAt = time
    this.#limits = limits
    this.#counts = counts
    this.#ledger = ledger
    this.#reader = reader
  }

  get waits(): boolean {
    return this.#directions[0].waiting.length > 0 || this.#directions[1].waiting.length > 0
  }

  /** Bytes that one end sent, as far as is known. */
  sent(side: Side): number {
    return this.#directions[side].delivered
  }

  /** Whether a first segment belongs to another connection between the same ends. */
  isRestart(side: Side, segment: TcpSegment): boolean {
    const { next, delivered } = this.#directions[side]
    return (
      (segment.flags & (tcpFlags.syn | tcpFlags.ack)) === tcpFlags.syn &&
      next !== undefined &&
      (delivered > 0 || distance(segment.sequence + 1, next) !== 0)
    )
  }

  /** @returns True once the connection is over. */
  segment(side: Side, segment: TcpSegment): boolean {
    const { flags, payload, time } = segment
    const own = this.#directions[side]
    const other = this.#directions[side === 0 ? 1 : 0]
    this.lastAt = time
    let sequence = segment.sequence
    if ((flags & tcpFlags.syn) !== 0) {
      if ((flags & tcpFlags.ack) === 0) this.initiator ??= side
      else this.initiator ??= side === 0 ? 1 : 0
      sequence = (sequence + 1) >>> 0
    }
    if (own.next === undefined) {
      // A lone answer without data begins nothing: its number may be one before the next.
      if (payload.length === 0 && (flags & (tcpFlags.syn | tcpFlags.fin)) === 0) {
        if ((flags & tcpFlags.rst) !== 0) return true
        return false
      }
      own.begin(sequence)
    }
    const ahead = distance(sequence, own.next!)
    if (Math.abs(ahead) > farthest) {
      this.#counts.strays += 1
      return false
    }
    if ((flags & tcpFlags.rst) !== 0) {
      if (Math.abs(ahead) <= resetWindow) return true
      this.#counts.strays += 1
      return false
    }
    if (payload.length > 0) this.#take(side, own, other, sequence, segment, ahead)
    if ((flags & tcpFlags.fin) !== 0) own.finAt ??= (sequence + payload.length) >>> 0
    this.settle(time, false)
    return this.#directions[0].finished && this.#directions[1].finished
  }

  #take(
    side: Side,
    own: Direction,
    other: Direction,
    sequence: number,
    segment: TcpSegment,
    ahead: number,
  ): void {
    const { payload, time, flags } = segment
    const acknowledged = (flags & tcpFlags.ack) !== 0 ? segment.acknowledged : (other.next ?? 0)
    if (ahead + payload.length <= 0) {
      this.#counts.retransmissions += 1
      if (own.contradicts(sequence, payload)) this.#conflict()
      return
    }
    if (ahead < 0) {
      // The beginning was told before; only the rest is new.
      this.#counts.retransmissions += 1
    }
    if (ahead <= 0 && own.waiting.length === 0 && !isAhead(acknowledged, other)) {
      this.#deliver(side, own, other, sequence, acknowledged, payload, time)
      return
    }
    if (own.waiting.length >= mostWaiting || own.waitingBytes + payload.length > this.#limits.reorderBytes)
      this.settle(time, true)
    if (!this.#ledger.take(payload.length, true)) {
      this.settle(time, true)
      if (distance(sequence, own.next!) > 0) this.#skipTo(side, own, other, sequence, time)
      this.#deliver(side, own, other, sequence, acknowledged, payload, time)
      return
    }
    const before = own.waitingBytes
    if (own.wait({ sequence, acknowledged, bytes: Buffer.from(payload), time })) this.#conflict()
    this.#ledger.give(payload.length - (own.waitingBytes - before))
  }

  /**
   * Hands on what can be: all that is in order, and, once it has waited long enough, what is behind a gap.
   * @param all Nothing more is waited for.
   */
  settle(now: number, all: boolean): void {
    for (;;) {
      this.#drain()
      const late = this.#latest(now, all)
      if (late === undefined) break
      this.#resolve(late)
    }
    for (const side of [0, 1] as const) {
      const own = this.#directions[side]
      if (own.finished || own.finAt === undefined) continue
      if (all && own.next !== own.finAt && distance(own.finAt, own.next!) > 0)
        this.#skipTo(side, own, this.#directions[side === 0 ? 1 : 0], own.finAt, now)
      if (own.next !== own.finAt && distance(own.finAt, own.next!) > 0) continue
      own.finished = true
      this.#reader.finish(side, { time: now, offset: own.delivered, seen: 0 })
    }
  }

  /** The side whose first piece has waited too long. */
  #latest(now: number, all: boolean): Side | undefined {
    for (const side of [0, 1] as const) {
      const first = this.#directions[side].waiting[0]
      if (first !== undefined && (all || now - first.time > this.#limits.reorderMs)) return side
    }
    return undefined
  }

  #drain(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const side of [0, 1] as const) {
        const own = this.#directions[side]
        const other = this.#directions[side === 0 ? 1 : 0]
        for (;;) {
          const first = own.waiting[0]
          if (
            first === undefined ||
            distance(first.sequence, own.next!) > 0 ||
            isAhead(first.acknowledged, other)
          )
            break
          this.#pass(side, own, other)
          moved = true
        }
      }
    }
  }

  /** Lets the first waiting piece of a side through, whatever it waits for. */
  #resolve(side: Side): void {
    const own = this.#directions[side]
    const otherSide = side === 0 ? 1 : 0
    const other = this.#directions[otherSide]
    const first = own.waiting[0]!
    if (distance(first.sequence, own.next!) > 0) this.#skipTo(side, own, other, first.sequence, first.time)
    else if (isAhead(first.acknowledged, other)) {
      const next = other.waiting[0]
      const waits = next !== undefined && distance(next.sequence, first.acknowledged) < 0
      if (!waits) this.#skipTo(otherSide, other, own, first.acknowledged, first.time)
      else if (distance(next.sequence, other.next!) > 0)
        this.#skipTo(otherSide, other, own, next.sequence, first.time)
      // Each says that it has seen the other's: one of them must come first.
      else this.#pass(otherSide, other, own)
    }
  }

  #pass(side: Side, own: Direction, other: Direction): void {
    const piece = own.shift()
    this.#ledger.give(piece.bytes.length)
    if (distance(piece.sequence, own.next!) + piece.bytes.length <= 0) {
      if (own.contradicts(piece.sequence, piece.bytes)) this.#conflict()
      return
    }
    this.#deliver(side, own, other, piece.sequence, piece.acknowledged, piece.bytes, piece.time)
  }

  #deliver(
    side: Side,
    own: Direction,
    other: Direction,
    sequence: number,
    acknowledged: number,
    bytes: Buffer,
    time: number,
  ): void {
    const behind = -distance(sequence, own.next!)
    const fresh = behind > 0 ? bytes.subarray(behind) : bytes
    own.remember(sequence, bytes)
    const moment = { time, offset: own.delivered, seen: seenOf(acknowledged, other) }
    own.next = (own.next! + fresh.length) >>> 0
    own.delivered += fresh.length
    this.#reader.data(side, fresh, moment)
  }

  #skipTo(side: Side, own: Direction, other: Direction, sequence: number, time: number): void {
    const size = distance(sequence, own.next!)
    this.#counts.gaps += 1
    this.#counts.gapBytes += size
    const moment = { time, offset: own.delivered, seen: other.delivered }
    own.next = sequence
    own.delivered += size
    this.#reader.gap(side, size, moment)
  }

  #conflict(): void {
    this.conflicts += 1
    this.#counts.conflicts += 1
  }
}

/** Whether a sender had seen more of the other direction than was captured yet. */
const isAhead = (acknowledged: number, other: Direction): boolean =>
  other.next !== undefined &&
  !other.finished &&
  distance(acknowledged, other.next) > 0 &&
  distance(acknowledged, other.next) < farthest &&
  acknowledged !== (other.finAt === undefined ? undefined : (other.finAt + 1) >>> 0)

const seenOf = (acknowledged: number, other: Direction): number =>
  other.next === undefined
    ? 0
    : Math.max(0, other.delivered + Math.min(0, distance(acknowledged, other.next)))
