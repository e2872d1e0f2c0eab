import { type Refusal, type RefusalShape, refusal } from './refusal.ts'

/** What Node's parser and its time-outs throw at `clientError`. */
export interface ParserError extends NodeJS.ErrnoException {
  readonly reason?: string
  readonly bytesParsed?: number
  readonly rawPacket?: Buffer
}

/** What Node's parser says, as a shape of ours. Everything it finds wrong and we do not name is `bad-request`. */
const byCode: Readonly<Record<string, RefusalShape>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'slow-request',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'chunk-extensions',
  HPE_CR_EXPECTED: 'bare-lf',
  HPE_HEADER_OVERFLOW: 'header-size',
  HPE_INVALID_CONTENT_LENGTH: 'conflicting-length',
  HPE_INVALID_HEADER_TOKEN: 'bad-header',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-coding',
  HPE_INVALID_URL: 'bad-target',
  HPE_LF_EXPECTED: 'bare-cr',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'conflicting-length',
}

/** The refusal for an error of Node's parser or time-outs; undefined where the connection itself broke. */
export function parserRefusal(error: ParserError): Refusal | undefined {
  const code = error.code ?? ''
  const reason = error.reason ?? ''
  // The client left within its request: an abort, not a shape.
  if (code === 'HPE_INVALID_EOF_STATE') return undefined
  if (reason.includes("can't be present with")) return refusal('length-and-chunked')
  if (reason.startsWith('Unexpected whitespace after header value')) return refusal('obs-fold')
  const shape = byCode[code]
  if (shape === 'header-size' && withinFirstLine(error)) return refusal('target-size')
  if (shape !== undefined) return refusal(shape)
  return code.startsWith('HPE_') ? refusal('bad-request') : undefined
}

/** A head that overflows within its first line has no headers yet: the target is what is too long. */
function withinFirstLine({ rawPacket, bytesParsed = 0 }: ParserError): boolean {
  if (rawPacket === undefined) return false
  const lineEnd = rawPacket.indexOf(10)
  return lineEnd === -1 || lineEnd >= bytesParsed
}
