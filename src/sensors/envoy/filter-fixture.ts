import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import protobuf from 'protobufjs'
import { framed } from './fixture.ts'
import { MessageFrames } from './message-frames.ts'

/** What Envoy's filters send and are answered, in the numbers of envoy/service/ext_proc/v3 and envoy/service/auth/v3. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message HeaderValue { string key = 1; string value = 2; bytes raw_value = 3; }
  message HeaderMap { repeated HeaderValue headers = 1; }
  message Value { oneof kind { int32 nothing = 1; double number = 2; string text = 3; bool flag = 4; Struct struct = 5; } }
  message Struct { map<string, Value> fields = 1; }
  message HttpHeaders { HeaderMap headers = 1; bool end_of_stream = 3; }
  message HttpBody { bytes body = 1; bool end_of_stream = 2; }
  message HttpTrailers { HeaderMap trailers = 1; }
  message ProtocolConfig { int32 request_body_mode = 1; int32 response_body_mode = 2; }
  message ProcessingRequest {
    HttpHeaders request_headers = 2; HttpHeaders response_headers = 3; HttpBody request_body = 4; HttpBody response_body = 5;
    HttpTrailers request_trailers = 6; HttpTrailers response_trailers = 7;
    map<string, Struct> attributes = 9; bool observability_mode = 10; ProtocolConfig protocol_config = 11;
    HttpBody of_a_later_version = 99;
  }
  message HeaderValueOption { HeaderValue header = 1; int32 append_action = 3; }
  message HeaderMutation { repeated HeaderValueOption set_headers = 1; repeated string remove_headers = 2; }
  message StreamedBody { bytes body = 1; bool end_of_stream = 2; }
  message BodyMutation { oneof mutation { bytes body = 1; bool clear_body = 2; StreamedBody streamed = 3; } }
  message Common { HeaderMutation header_mutation = 2; BodyMutation body_mutation = 3; }
  message Phase { Common response = 1; }
  message Trailers { HeaderMutation header_mutation = 1; }
  message Status { int32 code = 1; }
  message Immediate { Status status = 1; HeaderMutation headers = 2; bytes body = 3; Status grpc_status = 4; string details = 5; }
  message Modes {
    int32 request_header_mode = 1; int32 response_header_mode = 2; int32 request_body_mode = 3; int32 response_body_mode = 4;
  }
  message ProcessingResponse {
    oneof response {
      Phase request_headers = 1; Phase response_headers = 2; Phase request_body = 3; Phase response_body = 4;
      Trailers request_trailers = 5; Trailers response_trailers = 6; Immediate immediate_response = 7;
    }
    Modes mode_override = 9;
  }
  message SocketAddress { string address = 2; uint32 port_value = 3; }
  message Address { SocketAddress socket_address = 1; }
  message Peer { Address address = 1; string principal = 4; }
  message HttpRequest {
    string id = 1; string method = 2; map<string, string> headers = 3; string path = 4; string host = 5; string scheme = 6;
    string query = 7; int64 size = 9; string protocol = 10; string body = 11; bytes raw_body = 12; HeaderMap header_map = 13;
  }
  message CheckedRequest { HttpRequest http = 2; }
  message Attributes { Peer source = 1; Peer destination = 2; CheckedRequest request = 4; }
  message CheckRequest { Attributes attributes = 1; }
  message Denied { Status status = 1; repeated HeaderValueOption headers = 2; string body = 3; }
  message Passed { repeated HeaderValueOption headers = 2; repeated string headers_to_remove = 5; }
  message CheckResponse { Status status = 1; oneof http_response { Denied denied_response = 2; Passed ok_response = 3; } }
`,
  { keepCase: true },
)

const encode =
  (name: string) =>
  (value: object): Buffer => {
    const type = root.lookupType(name)
    return Buffer.from(type.encode(type.fromObject(value)).finish())
  }
const decode =
  (name: string) =>
  (bytes: Uint8Array): Record<string, unknown> => {
    const type = root.lookupType(name)
    return type.toObject(type.decode(bytes), { bytes: String, longs: Number })
  }

export const processingRequest = encode('ProcessingRequest')
export const processingResponse = decode('ProcessingResponse')
export const checkRequest = encode('CheckRequest')
export const checkResponse = decode('CheckResponse')

/** How protobufjs reads and writes a message: what services on @grpc/grpc-js do. */
export const codecOf = (
  name: 'ProcessingRequest' | 'ProcessingResponse' | 'CheckRequest' | 'CheckResponse',
) => {
  const type = root.lookupType(name)
  return {
    read: (bytes: Buffer): object => type.decode(bytes),
    write: (value: object): Buffer => Buffer.from(type.encode(value).finish()),
  }
}

/** As newer Envoys give them. */
export const headerMap = (headers: Readonly<Record<string, string>>) => ({
  headers: Object.entries(headers).map(([key, value]) => ({ key, raw_value: Buffer.from(value) })),
})

export const requestHead = (more: Readonly<Record<string, string>> = {}, last = true) => ({
  request_headers: {
    headers: headerMap({
      ':method': last ? 'GET' : 'POST',
      ':path': '/orders/7',
      ':authority': 'shop.example',
      ':scheme': 'http',
      ...more,
    }),
    end_of_stream: last,
  },
})

export const responseHead = (more: Readonly<Record<string, string>> = {}, last = false) => ({
  response_headers: { headers: headerMap({ ':status': '200', ...more }), end_of_stream: last },
})

export const processPath = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'
export const checkPath = '/envoy.service.auth.v3.Authorization/Check'

/** One call, as a proxy makes it. */
export class ProxyCall {
  readonly session: ClientHttp2Session
  readonly stream: ClientHttp2Stream
  readonly answers: Buffer[] = []
  readonly over: Promise<void>
  status = ''
  message = ''
  #waiting: (() => void)[] = []

  constructor(address: string, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.session = connect(`http://${address}`)
    this.session.on('error', () => {})
    this.stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    this.stream.on('error', () => {})
    const note = (head: Readonly<Record<string, unknown>>): void => {
      if (head['grpc-status'] === undefined) return
      this.status = String(head['grpc-status'])
      this.message = decodeURIComponent(String(head['grpc-message'] ?? ''))
    }
    this.stream.on('response', note)
    this.stream.on('trailers', note)
    const frames = new MessageFrames(16_777_216, bytes => {
      this.answers.push(bytes)
      for (const wake of this.#waiting.splice(0)) wake()
    })
    this.stream.on('data', (chunk: Buffer) => frames.feed(chunk))
    this.over = once(this.stream, 'close').then(() => {
      for (const wake of this.#waiting.splice(0)) wake()
      this.session.destroy()
    })
  }

  send(...messages: readonly Uint8Array[]): this {
    for (const message of messages) this.stream.write(framed(message))
    return this
  }

  /** The answers, once there are so many, or the call is over. */
  async answered(count: number): Promise<readonly Buffer[]> {
    while (this.answers.length < count && !this.stream.closed)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    return this.answers
  }

  async end(): Promise<this> {
    this.stream.end()
    await this.over
    return this
  }
}
