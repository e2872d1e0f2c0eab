import type { SallyportEvent } from '../../../call/event.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { decodeJsonTraces } from '../../otlp/decode-json.ts'
import { BrokenTelemetry } from '../../otlp/decode-protobuf.ts'
import { SpanIntake } from '../../otlp/span-intake.ts'
import { defineFileFormat, type StreamContext } from '../file-format.ts'
import { lineRecords } from '../records.ts'

/** Spans that wait for their other side: a file is read to its end, and its lines come in any order. */
const joiner = { spans: 500_000, waitMs: Number.POSITIVE_INFINITY }

/** OpenTelemetry traces as JSON: an export a line, as the collector's file exporter writes them, or one export as a document. */
export const otlp = defineFileFormat({
  id: 'otlp',
  title: 'OpenTelemetry traces (OTLP JSON)',
  records: 'stream',
  recognise: head => /^\s{0,64}\{\s{0,64}"resource_?[sS]pans"/.test(head),
  events: read,
})

async function* read(
  chunks: AsyncIterable<Uint8Array>,
  context: StreamContext,
): AsyncGenerator<SallyportEvent> {
  const { redactor, reject, maxRecordBytes } = context
  let events: SallyportEvent[] = []
  const intake = new SpanIntake(
    { call: exchange => events.push(sealCall(exchange, redactor)), event: event => events.push(event) },
    joiner,
  )
  let document: string[] | undefined
  let documentBytes = 0
  const take = (text: string, position: number): void => {
    try {
      decodeJsonTraces(JSON.parse(text), span => intake.add(span))
    } catch (thrown) {
      reject(position, thrown instanceof BrokenTelemetry ? thrown.message : 'It is not JSON.')
    }
  }
  for await (const piece of lineRecords(chunks, maxRecordBytes)) {
    if (!('text' in piece)) reject(piece.position, piece.problem)
    else if (document !== undefined || (piece.position === 1 && !isWhole(piece.text))) {
      // A document over several lines.
      document ??= []
      documentBytes += piece.text.length
      if (documentBytes <= maxRecordBytes) document.push(piece.text)
    } else take(piece.text, piece.position)
    yield* events
    events = []
  }
  if (documentBytes > maxRecordBytes) reject(1, `The document is longer than ${maxRecordBytes} bytes.`)
  else if (document !== undefined) take(document.join('\n'), 1)
  intake.flush()
  yield* events
  const { rejected, spans, calls, accesses, flows } = intake.counts
  if (spans > rejected && calls + accesses + flows === 0)
    reject(1, `None of its ${spans} spans tells of a call, of a flow between services or of a store.`)
  if (rejected > 0) reject(1, `${rejected} spans have no trace id, span id or time.`)
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
