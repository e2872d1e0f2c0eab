import type { SallyportEvent } from '../../../call/event.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { CaptureIntake } from '../../capture/capture-intake.ts'
import { defaultCaptureLimits } from '../../capture/capture-options.ts'
import { CaptureReader, isCapture } from '../../capture/capture-reader.ts'
import { defineFileFormat, type StreamContext } from '../file-format.ts'

/**
 * Network packets, as tcpdump, Wireshark and traffic mirroring write them: calls in clear HTTP/1.1 and HTTP/2, flows of the rest. A call is
 * told when it is over and has the time when it began: later ones wait for it, for five minutes of the capture or 50,000 events at most.
 */
export const pcap = defineFileFormat({
  id: 'pcap',
  title: 'Network capture (pcap, pcapng)',
  records: 'stream',
  ordered: true,
  recognise: (_, __, bytes) => isCapture(bytes),
  events: read,
})

/** Rejections of one file that are told one by one. */
const mostTold = 100
const longestWaitMs = 300_000
const mostWaiting = 50_000
/** Bytes of bodies in events that wait. */
const mostWaitingBytes = 128 * 1024 * 1024
const releaseEvery = 1_000

/** Events until everything that began before them is told. */
class Waiting {
  #events: SallyportEvent[] = []
  #bytes = 0

  add(event: SallyportEvent): void {
    this.#events.push(event)
    this.#bytes += weightOf(event)
  }

  get size(): number {
    return this.#events.length
  }

  get heavy(): boolean {
    return this.#bytes > mostWaitingBytes
  }

  /** Those before a time, in order; all of the older half where there are too many. */
  take(before: number): readonly SallyportEvent[] {
    this.#events.sort((a, b) => a.time - b.time)
    let count = this.#events.findIndex(event => event.time >= before)
    if (count < 0) count = this.#events.length
    if (this.#events.length - count > mostWaiting || this.heavy)
      count = Math.max(count, Math.ceil(this.#events.length / 2))
    const taken = this.#events.splice(0, count)
    for (const event of taken) this.#bytes -= weightOf(event)
    return taken
  }
}

const weightOf = (event: SallyportEvent): number =>
  event.type === 'call'
    ? Math.min(defaultCaptureLimits.bodyBytes, event.request.bodySize) +
      Math.min(defaultCaptureLimits.bodyBytes, event.response?.bodySize ?? 0)
    : 0

async function* read(
  chunks: AsyncIterable<Uint8Array>,
  context: StreamContext,
): AsyncGenerator<SallyportEvent> {
  const { redactor, reject, label } = context
  const waiting = new Waiting()
  let count = 0
  let told = 0
  let position = 1
  let now = 0
  const intake = new CaptureIntake(
    { call: exchange => waiting.add(sealCall(exchange, redactor)), event: event => waiting.add(event) },
    () => {
      count += 1
      return `${label}:${count}`
    },
  )
  const packetBytes = Math.min(context.maxRecordBytes, defaultCaptureLimits.packetBytes)
  const reader = new CaptureReader(packetBytes, {
    packet: packet => {
      position += 1
      now = Math.max(now, packet.time)
      intake.packet(packet)
    },
    fault: (at, reason, final) => {
      told += 1
      if (told <= mostTold || final) reject(at, reason)
      else intake.counts.brokenPackets += 1
    },
  })
  let releaseAt = releaseEvery
  for await (const chunk of chunks) {
    reader.feed(chunk)
    if (waiting.size < releaseAt && !waiting.heavy) continue
    yield* waiting.take(Math.floor(Math.max(intake.pendingSince ?? now, now - longestWaitMs)))
    // What still waits is not sorted again for every few that come.
    releaseAt = waiting.size * 2 + releaseEvery
  }
  reader.end()
  intake.flush()
  yield* waiting.take(Number.POSITIVE_INFINITY)
  for (const sentence of intake.counts.explain()) reject(position, sentence)
}
