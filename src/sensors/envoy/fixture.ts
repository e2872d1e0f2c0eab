import protobuf from 'protobufjs'

/** The part of the access log service's messages that tests send, in the numbers of envoy/data/accesslog/v3/accesslog.proto. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Value { oneof kind { double number = 2; string text = 3; } }
  message Struct { map<string, Value> fields = 1; }
  message Node { string id = 1; string cluster = 2; Struct metadata = 3; }
  message Identifier { Node node = 1; string log_name = 2; }
  message SocketAddress { int32 protocol = 1; string address = 2; uint32 port = 3; }
  message Address { SocketAddress socket = 1; }
  message Instant { int64 seconds = 1; int32 nanos = 2; }
  message Name { string uri = 1; }
  message Certificate { repeated Name names = 1; }
  message Tls { int32 version = 1; string server_name = 3; Certificate peer = 5; }
  message Reason { int32 reason = 1; }
  message Flags { bool no_route = 9; Reason unauthorized = 13; }
  message Common {
    double rate = 1; Address remote = 2; Address local = 3; Tls tls = 4; Instant start = 5; Instant last = 12;
    Address upstream = 13; string cluster = 15; Flags flags = 16; string route = 19; Address direct = 20;
    Instant duration = 23; bool intermediate = 26;
  }
  message Wrapped { uint32 value = 1; }
  message Request {
    int32 method = 1; string scheme = 2; string authority = 3; string path = 5; string agent = 6; string forwarded = 8;
    string request_id = 9; string original_path = 10; uint64 bytes = 12; map<string, string> headers = 13;
  }
  message Response { Wrapped code = 1; uint64 bytes = 3; map<string, string> headers = 4; map<string, string> trailers = 5; }
  message Http { Common common = 1; int32 version = 2; Request request = 3; Response response = 4; }
  message Bytes { uint64 received = 1; uint64 sent = 2; }
  message Tcp { Common common = 1; Bytes bytes = 2; }
  message HttpEntries { repeated Http entry = 1; }
  message TcpEntries { repeated Tcp entry = 1; }
  message Message { Identifier identifier = 1; HttpEntries http = 2; TcpEntries tcp = 3; }
`,
  { keepCase: true },
)
const Message = root.lookupType('Message')
export const encoded = (value: object): Buffer =>
  Buffer.from(Message.encode(Message.fromObject(value)).finish())
/** As gRPC sends a message. */
export const framed = (bytes: Uint8Array, compressed = 0): Buffer => {
  const head = Buffer.alloc(5)
  head[0] = compressed
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
