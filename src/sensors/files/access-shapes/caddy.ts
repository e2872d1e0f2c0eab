import { isRecord } from '../../../call/field-reader.ts'
import type { AccessShape } from './access-shape.ts'

/** Caddy's `http.log.access` (Caddy, "How logging works"): seconds, and headers as lists by name. */
export const caddy: AccessShape = {
  id: 'caddy',
  title: 'Caddy',
  is: record =>
    isRecord(record.request) && 'uri' in record.request && ('ts' in record || 'resp_headers' in record),
  fields: {
    time: ['ts'],
    method: ['request.method'],
    target: ['request.uri'],
    status: ['status'],
    ip: ['request.client_ip', 'request.remote_ip', 'request.remote_addr'],
    port: ['request.remote_port'],
    host: ['request.host'],
    bytes: ['size'],
    received: ['bytes_read'],
    user: ['user_id'],
    version: ['request.proto'],
  },
  durations: [['duration', 1_000]],
  requestHeaders: ['request.headers'],
  responseHeaders: ['resp_headers'],
}
