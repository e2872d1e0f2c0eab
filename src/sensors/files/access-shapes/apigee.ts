import type { AccessShape } from './access-shape.ts'

/**
 * Apigee: its analytics (Apigee, "Analytics metrics, dimensions, and filters reference") and messages logged with the names of its flow
 * variables. Keys and tokens that these name (`client_id`, `access_token`) are not read.
 */
export const apigee: AccessShape = {
  id: 'apigee',
  title: 'Apigee',
  is: record =>
    ('apiproxy' in record ||
      'apiProxy' in record ||
      'apiproxy.name' in record ||
      'proxy_basepath' in record) &&
    ['request_verb', 'request.verb', 'requestVerb', 'verb', 'httpMethod'].some(name => name in record),
  fields: {
    time: [
      'client_received_start_timestamp',
      'client.received.start.timestamp',
      'clientReceivedStartTimestamp',
      'system.timestamp',
      'timestamp',
      'time',
    ],
    method: ['request_verb', 'request.verb', 'requestVerb', 'verb', 'httpMethod'],
    target: [
      'request_uri',
      'request.uri',
      'requestUri',
      'request_path',
      'request.path',
      'proxy_pathsuffix',
      'uri',
    ],
    query: ['request.querystring'],
    status: ['response_status_code', 'response.status.code', 'responseStatusCode', 'statusCode', 'status'],
    ip: [
      'client_ip',
      'client.ip',
      'clientIp',
      'ax_resolved_client_ip',
      'x_forwarded_for_ip',
      'proxy.client.ip',
    ],
    host: ['virtual_host', 'request.header.host', 'host', 'requestHost'],
    bytes: ['response_size', 'responseSize'],
    received: ['request_size', 'requestSize'],
    agent: ['useragent', 'request.header.user-agent', 'userAgent'],
    user: ['developer_email', 'developer.email', 'developer_app', 'developer.app.name', 'developerApp'],
    trace: ['trace_id', 'traceId'],
  },
  durations: [
    ['total_response_time', 1],
    ['totalResponseTime', 1],
  ],
  extra: {
    api: ['apiproxy', 'apiProxy', 'apiproxy.name'],
    environment: ['environment', 'environment.name'],
    product: ['api_product', 'apiproduct.name'],
  },
}
