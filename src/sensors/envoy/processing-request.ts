import { type EnvoyHead, HeadBuilder } from './header-map.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** `envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode`. */
export const bodyMode = {
  none: 0,
  streamed: 1,
  buffered: 2,
  bufferedPartial: 3,
  fullDuplexStreamed: 4,
} as const

/** How Envoy is set up to send bodies. */
export interface BodyModes {
  readonly request: number
  readonly response: number
}

/** `envoy.service.ext_proc.v3.ProcessingRequest`. */
export interface ProcessingRequest {
  readonly part: ProcessingPart | undefined
  /** It takes no answer. */
  readonly observed: boolean
  /** What the filter is told to send along, by name; texts and numbers only. Absent where it sends none. */
  readonly attributes: ReadonlyMap<string, string> | undefined
  /** In the first message of newer Envoys. */
  readonly modes: BodyModes | undefined
}

export type Side = 'request' | 'response'

export type ProcessingPart =
  | { readonly kind: 'headers'; readonly side: Side; readonly head: EnvoyHead; readonly last: boolean }
  /** The bytes belong to the message: they are gone after it. */
  | { readonly kind: 'body'; readonly side: Side; readonly bytes: Buffer; readonly last: boolean }
  | { readonly kind: 'trailers'; readonly side: Side }

const maxAttributes = 64
const maxTextBytes = 4_096

/** @throws BrokenMessage */
export function decodeProcessingRequest(bytes: Buffer): ProcessingRequest {
  const message = new ProtobufReader(bytes)
  let part: ProcessingPart | undefined
  let observed = false
  let attributes: Map<string, string> | undefined
  let modes: BodyModes | undefined
  for (let field = message.next(); field !== 0; field = message.next()) {
    switch (field) {
      case 2:
      case 3:
        part = headersIn(message.message(), field === 2 ? 'request' : 'response')
        break
      case 4:
      case 5:
        part = bodyIn(message.message(), field === 4 ? 'request' : 'response')
        break
      case 6:
      case 7:
        part = { kind: 'trailers', side: field === 6 ? 'request' : 'response' }
        break
      case 9:
        attributes ??= new Map()
        addAttributes(message.message(), attributes)
        break
      case 10:
        observed = message.integer() !== 0
        break
      case 11:
        modes = modesIn(message.message())
    }
  }
  return { part, observed, attributes, modes }
}

function headersIn(message: ProtobufReader, side: Side): ProcessingPart {
  const builder = new HeadBuilder()
  let last = false
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) builder.addAll(message.message())
    else if (field === 3) last = message.integer() !== 0
  }
  return { kind: 'headers', side, head: builder.head(), last }
}

function bodyIn(message: ProtobufReader, side: Side): ProcessingPart {
  let bytes: Buffer = Buffer.alloc(0)
  let last = false
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) bytes = message.bytes()
    else if (field === 2) last = message.integer() !== 0
  }
  return { kind: 'body', side, bytes, last }
}

function modesIn(message: ProtobufReader): BodyModes {
  let request = 0
  let response = 0
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) request = message.integer()
    else if (field === 2) response = message.integer()
  }
  return { request, response }
}

/** An entry of `map<string, google.protobuf.Struct>`; the name of the filter is not kept. */
function addAttributes(entry: ProtobufReader, to: Map<string, string>): void {
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field !== 2) continue
    const struct = entry.message()
    for (let inner = struct.next(); inner !== 0; inner = struct.next())
      if (inner === 1) addAttribute(struct.message(), to)
  }
}

function addAttribute(entry: ProtobufReader, to: Map<string, string>): void {
  let name = ''
  let value: string | undefined
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === 1) name = entry.text(maxTextBytes)
    else if (field === 2) value = valueIn(entry.message())
  }
  if (name !== '' && value !== undefined && to.size < maxAttributes) to.set(name, value)
}

/** Texts and numbers of a `google.protobuf.Value`. */
function valueIn(value: ProtobufReader): string | undefined {
  let found: string | undefined
  for (let field = value.next(); field !== 0; field = value.next()) {
    if (field === 2) found = String(value.double())
    else if (field === 3) found = value.text(maxTextBytes)
  }
  return found
}
