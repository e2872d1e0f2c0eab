import type { AccessShape } from './access-shape.ts'
import { common } from './common.ts'

/** Envoy's and Istio's access logs in JSON, with the names of their own examples (istio.io, "Envoy Access Logs"): milliseconds. */
export const envoy: AccessShape = {
  id: 'envoy',
  title: 'Envoy, Istio',
  is: record =>
    'response_flags' in record ||
    'upstream_cluster' in record ||
    'x-envoy-upstream-service-time' in record ||
    'upstream_service_time' in record ||
    'downstream_remote_address' in record,
  fields: {
    ...common.fields,
    method: ['method', ':method', 'request_method'],
    target: ['x-envoy-original-path', 'original_path', 'path', ':path', 'request_path', 'uri'],
    route: ['http_route', 'route'],
    status: ['response_code', 'status', 'status_code'],
    ip: ['downstream_remote_address', 'downstream_direct_remote_address', 'client_ip'],
    host: ['authority', ':authority', 'host', 'requested_server_name'],
    bytes: ['bytes_sent'],
    received: ['bytes_received'],
    agent: ['user_agent', 'user-agent'],
    forwarded: ['x_forwarded_for', 'x-forwarded-for'],
  },
  durations: [
    ['duration', 1],
    ['duration_ms', 1],
  ],
  extra: {
    upstreamCluster: ['upstream_cluster'],
    upstreamHost: ['upstream_host'],
    flags: ['response_flags'],
    details: ['response_code_details'],
    routeName: ['route_name'],
    requestId: ['request_id', 'x-request-id'],
  },
}
