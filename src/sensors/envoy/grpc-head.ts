import type { HeaderPair } from '../gateway/header-pair.ts'

/** What is read of a call's head. */
export interface GrpcHead {
  readonly path: string
  readonly authorization: string | undefined
  /** How its messages are compressed, where they are. */
  readonly encoding: string
}

/** @param headers Names in lower case. Of several of a name the first counts. */
export function grpcHead(headers: readonly HeaderPair[]): GrpcHead {
  const first = (wanted: string): string | undefined => headers.find(([name]) => name === wanted)?.[1]
  return {
    path: first(':path') ?? '',
    authorization: first('authorization'),
    encoding: first('grpc-encoding') ?? 'gzip',
  }
}

/** A field of a header block that stands in no table (RFC 7541 §6.2.2); the text has no other characters than those of ASCII. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  // The length is a number of seven bits, or 127 and what is beyond in groups of seven bits.
  const length = bytes.length < 127 ? [bytes.length] : [127]
  if (bytes.length >= 127) {
    let rest = bytes.length - 127
    for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), bytes])
}

/** Header blocks of answers: none changes a table, so each is the same for all. `:status 200` is entry 8 of the static one. */
export const answerHead = Buffer.concat([Buffer.of(0x88), literal('content-type', 'application/grpc')])
export const endedWell = literal('grpc-status', '0')

/** What ends a call otherwise than well, behind an answer that has begun. */
export const endedBadly = (code: number, sentence: string): Buffer =>
  Buffer.concat([
    literal('grpc-status', String(code)),
    literal('grpc-message', encodeURIComponent(sentence).slice(0, 4_096)),
  ])
