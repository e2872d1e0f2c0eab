import { type Refusal, type RefusalShape, refusal } from './refusal.ts'

/** What Node's parser says, as a shape of ours. Everything it finds wrong and we do not name is `bad-request`. */
const byCode: Readonly<Record<string, RefusalShape>> = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'chunk-extensions',
  HPE_CR_EXPECTED: 'bare-lf',
  HPE_HEADER_OVERFLOW: 'header-size',
  HPE_INVALID_CONTENT_LENGTH: 'conflicting-length',
  HPE_INVALID_HEADER_TOKEN: 'bad-header',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-coding',
  HPE_INVALID_URL: 'bad-target',
  HPE_LF_EXPECTED: 'bare-cr',
  ERR_HTTP_REQUEST_TIMEOUT: 'slow-request',
}

/** The refusal for an error of Node's parser or time-outs; undefined where the connection itself broke. */
export function parserRefusal(
  error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly reason?: string },
): Refusal | undefined {
  const code = error.code ?? ''
  if (code === 'HPE_UNEXPECTED_CONTENT_LENGTH') {
    const both = error.reason?.includes('Transfer-Encoding') === true
    return refusal(both ? 'length-and-chunked' : 'conflicting-length')
  }
  const shape = byCode[code]
  // A head that overflows within its first line has no headers yet: the target is what is too long.
  if (shape === 'header-size' && error.rawPacket !== undefined && !error.rawPacket.includes(10))
    return refusal('target-size')
  if (shape !== undefined) return refusal(shape)
  return code.startsWith('HPE_') ? refusal('bad-request') : undefined
}
