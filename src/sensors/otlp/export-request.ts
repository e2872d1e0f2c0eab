import { inflate, isCoded } from '../../call/decode/inflate.ts'
import { decodeJsonTraces } from './decode-json.ts'
import { BrokenTelemetry, decodeTraces } from './decode-protobuf.ts'
import type { Span } from './span.ts'

/** What became of an export: `fault` is a sentence for the sender. */
export type Exported =
  | { readonly ok: true }
  | { readonly ok: false; readonly fault: string; readonly tooLarge?: true }

/**
 * Reads the body of an export, whatever it is coded in. Spans that were read before a fault are taken.
 * @param bound Bytes at most after inflating.
 */
export function readExport(
  body: Uint8Array,
  form: 'protobuf' | 'json',
  coding: string | undefined,
  bound: number,
  take: (span: Span) => void,
): Exported {
  let bytes = body
  if (isCoded(coding)) {
    const inflated = inflate(body, coding, bound)
    if (!inflated.ok)
      return {
        ok: false,
        fault: `The body ${inflated.reason.startsWith('inflates') ? inflated.reason : `cannot be read: ${inflated.reason}`}.`,
        ...(inflated.reason.startsWith('inflates') ? { tooLarge: true } : {}),
      }
    bytes = inflated.bytes
  }
  try {
    if (form === 'protobuf') decodeTraces(bytes, take)
    else decodeJsonTraces(JSON.parse(Buffer.from(bytes).toString('utf8')), take)
    return { ok: true }
  } catch (thrown) {
    if (thrown instanceof BrokenTelemetry) return { ok: false, fault: thrown.message }
    if (thrown instanceof SyntaxError) return { ok: false, fault: 'The body is not JSON.' }
    throw thrown
  }
}
