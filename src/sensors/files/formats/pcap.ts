import type { SallyportEvent } from '../../../call/event.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { CaptureIntake } from '../../capture/capture-intake.ts'
import { defaultCaptureLimits } from '../../capture/capture-options.ts'
import { CaptureReader, isCapture } from '../../capture/capture-reader.ts'
import { defineFileFormat, type StreamContext } from '../file-format.ts'

/** Network packets, as tcpdump, Wireshark and traffic mirroring write them: calls in clear HTTP/1.1 and HTTP/2, flows of the rest. */
export const pcap = defineFileFormat({
  id: 'pcap',
  title: 'Network capture (pcap, pcapng)',
  records: 'stream',
  recognise: (_, __, bytes) => isCapture(bytes),
  events: read,
})

/** Rejections of one file that are told one by one. */
const mostTold = 100

async function* read(
  chunks: AsyncIterable<Uint8Array>,
  context: StreamContext,
): AsyncGenerator<SallyportEvent> {
  const { redactor, reject, label } = context
  let events: SallyportEvent[] = []
  let count = 0
  let told = 0
  let position = 1
  const intake = new CaptureIntake(
    { call: exchange => events.push(sealCall(exchange, redactor)), event: event => events.push(event) },
    () => {
      count += 1
      return `${label}:${count}`
    },
  )
  const packetBytes = Math.min(context.maxRecordBytes, defaultCaptureLimits.packetBytes)
  const reader = new CaptureReader(packetBytes, {
    packet: packet => {
      position += 1
      intake.packet(packet)
    },
    fault: (at, reason, final) => {
      told += 1
      if (told <= mostTold || final) reject(at, reason)
      else intake.counts.brokenPackets += 1
    },
  })
  for await (const chunk of chunks) {
    reader.feed(chunk)
    yield* events
    events = []
  }
  reader.end()
  intake.flush()
  yield* events
  for (const sentence of intake.counts.explain()) reject(position, sentence)
}
