import type { HeaderPair } from '../gateway/header-pair.ts'
import { asBytes, writeHeaders, writeTexts } from './header-map.ts'
import type { BodyModes, Side } from './processing-request.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/** `envoy.service.ext_proc.v3.ProcessingResponse`, in a frame of gRPC. */

/** What is done to a message that goes on. */
export interface Mutation {
  /** In place of headers of the same name. */
  readonly set?: readonly HeaderPair[]
  readonly remove?: readonly string[]
  /** In place of the body. */
  readonly body?: Uint8Array
}

const writer = new ProtobufWriter()

const headersField = { request: 1, response: 2 } as const
const bodyField = { request: 3, response: 4 } as const
const trailersField = { request: 5, response: 6 } as const
const immediateField = 7
const modeField = 9
const send = 1

/** The head goes on. @param modes How bodies are to be sent from here on; absent: as Envoy is set up. */
export function headersGoOn(side: Side, mutation: Mutation, modes?: BodyModes): Buffer {
  if (modes !== undefined) {
    const mode = writer.mark
    writer.integer(4, modes.response)
    writer.integer(3, modes.request)
    writer.integer(2, send)
    writer.integer(1, send)
    writer.message(modeField, mode)
  }
  const outer = writer.mark
  writeCommon(mutation)
  writer.message(headersField[side], outer)
  return writer.framed()
}

export function bodyGoesOn(side: Side, mutation: Mutation): Buffer {
  const outer = writer.mark
  writeCommon(mutation)
  writer.message(bodyField[side], outer)
  return writer.framed()
}

/** A piece of the body as it came: where Envoy is set up to send on only what it is given back. */
export function bodyGivenBack(side: Side, bytes: Uint8Array, last: boolean): Buffer {
  const outer = writer.mark
  const streamed = writer.mark
  if (last) writer.integer(2, 1)
  writer.bytes(1, bytes)
  writer.message(3, streamed)
  // BodyMutation, CommonResponse, BodyResponse.
  writer.message(3, outer)
  writer.message(1, outer)
  writer.message(bodyField[side], outer)
  return writer.framed()
}

export function trailersGoOn(side: Side): Buffer {
  writer.message(trailersField[side], writer.mark)
  return writer.framed()
}

/** An answer in place of the service's. @param grpcStatus Where the caller speaks gRPC. */
export function answered(
  status: number,
  headers: readonly HeaderPair[],
  body: Uint8Array,
  grpcStatus: number | undefined,
): Buffer {
  const outer = writer.mark
  writer.text(5, 'sallyport')
  if (grpcStatus !== undefined) {
    const grpc = writer.mark
    writer.integer(1, grpcStatus)
    writer.message(4, grpc)
  }
  writer.bytes(3, body)
  const mutation = writer.mark
  writeHeaders(writer, 1, headers, asBytes)
  writer.message(2, mutation)
  const code = writer.mark
  writer.integer(1, status)
  writer.message(1, code)
  writer.message(immediateField, outer)
  return writer.framed()
}

/** A CommonResponse in field 1, which both kinds of answer have. */
function writeCommon({ set = [], remove = [], body }: Mutation): void {
  const common = writer.mark
  if (body !== undefined) {
    const replaced = writer.mark
    // An empty body is cleared, not set.
    if (body.length === 0) writer.integer(2, 1)
    else writer.bytes(1, body)
    writer.message(3, replaced)
  }
  if (set.length > 0 || remove.length > 0) {
    const headers = writer.mark
    writeTexts(writer, 2, remove)
    writeHeaders(writer, 1, set, asBytes)
    writer.message(2, headers)
  }
  writer.message(1, common)
}
