import type { HeaderPair } from '../gateway/header-pair.ts'
import type { RefusalAnswer } from './asked-request.ts'
import { grpcStatus } from './grpc-call.ts'
import { asText, writeHeaders, writeTexts } from './header-map.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/** `envoy.service.auth.v3.CheckResponse`, in a frame of gRPC. */

const writer = new ProtobufWriter()
const permissionDenied = 7

export function checkPasses(set: readonly HeaderPair[], remove: readonly string[]): Buffer {
  const passes = writer.mark
  writeTexts(writer, 5, remove)
  writeHeaders(writer, 2, set, asText)
  writer.message(3, passes)
  writeStatus(grpcStatus.ok)
  return writer.framed()
}

export function checkDenies({ status, headers, body }: RefusalAnswer): Buffer {
  const denied = writer.mark
  writer.bytes(3, body)
  writeHeaders(writer, 2, headers, asText)
  const code = writer.mark
  writer.integer(1, status)
  writer.message(1, code)
  writer.message(2, denied)
  writeStatus(permissionDenied)
  return writer.framed()
}

function writeStatus(code: number): void {
  const status = writer.mark
  if (code !== 0) writer.integer(1, code)
  writer.message(1, status)
}
