import protobuf from 'protobufjs'

/** `ExportTraceServiceRequest` of opentelemetry-proto 1.x, as far as traces need it: for tests and to measure against. */
const source = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Status { string message = 2; int32 code = 3; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; }
message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; fixed32 flags = 16;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10; repeated Event events = 11;
  repeated Link links = 13; Status status = 15; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
`

export const traceRequest = protobuf
  .parse(source, { keepCase: false })
  .root.lookupType('ExportTraceServiceRequest')

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const int = (key: string, intValue: number) => ({ key, value: { intValue } })

/** A batch of HTTP server spans with 14 attributes each, as an SDK sends them. */
export function batchOf(spans: number, batch = 0): Uint8Array {
  const id = (number: number, size: number): Uint8Array => {
    const bytes = Buffer.alloc(size)
    bytes.writeUInt32BE((batch * spans + number + 1) >>> 0, size - 4)
    bytes[0] = 7
    return bytes
  }
  return traceRequest
    .encode(
      traceRequest.fromObject({
        resourceSpans: [
          {
            resource: {
              attributes: [
                text('service.name', 'orders'),
                text('service.namespace', 'shop'),
                text('service.version', '1.4.2'),
                text('telemetry.sdk.name', 'opentelemetry'),
                text('k8s.pod.name', 'orders-5f6585d649-fnmft'),
                text('k8s.deployment.name', 'orders'),
              ],
            },
            scopeSpans: [
              {
                scope: { name: '@opentelemetry/instrumentation-http', version: '0.301.0' },
                spans: Array.from({ length: spans }, (_, number) => ({
                  traceId: id(number >> 1, 16),
                  spanId: id(number, 8),
                  parentSpanId: id(number + 1_000_000, 8),
                  name: 'GET /orders/{orderId}',
                  kind: 2,
                  startTimeUnixNano: '1700000000000000000',
                  endTimeUnixNano: '1700000000012000000',
                  attributes: [
                    text('http.request.method', 'GET'),
                    text('url.scheme', 'http'),
                    text('url.path', `/orders/${number % 50}`),
                    text('url.query', 'expand=items'),
                    text('http.route', '/orders/{orderId}'),
                    int('http.response.status_code', 200),
                    text('server.address', 'orders.shop.svc'),
                    int('server.port', 8080),
                    text('client.address', '10.0.3.7'),
                    text('network.peer.address', '10.0.3.7'),
                    int('network.peer.port', 51_000 + (number % 100)),
                    text('network.protocol.version', '1.1'),
                    text('user_agent.original', 'shop-frontend/3.2 (+node 24)'),
                    int('http.response.body.size', 812),
                  ],
                  status: {},
                })),
              },
            ],
          },
        ],
      }),
    )
    .finish()
}
