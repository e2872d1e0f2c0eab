import { isRecord } from '../../../call/field-reader.ts'
import type { AccessShape } from './access-shape.ts'

/** Kong Gateway's http-log, file-log and tcp-log plugins (Kong, "Log format"): milliseconds, headers by name. */
export const kong: AccessShape = {
  id: 'kong',
  title: 'Kong Gateway',
  is: record => isRecord(record.request) && isRecord(record.latencies) && 'started_at' in record,
  fields: {
    time: ['started_at'],
    method: ['request.method'],
    target: ['request.uri', 'request.url'],
    status: ['response.status', 'upstream_status'],
    ip: ['client_ip'],
    host: ['request.headers.host', 'request.headers.:authority', 'service.host'],
    bytes: ['response.size'],
    received: ['request.size'],
    user: ['consumer.username', 'consumer.custom_id', 'consumer.id', 'authenticated_entity.consumer_id'],
    trace: ['trace_id.w3c', 'trace_id'],
    version: ['request.tls.version_http'],
  },
  durations: [['latencies.request', 1]],
  requestHeaders: ['request.headers'],
  responseHeaders: ['response.headers'],
  extra: { service: ['service.name'], router: ['route.name'], workspace: ['workspace_name', 'workspace'] },
}
