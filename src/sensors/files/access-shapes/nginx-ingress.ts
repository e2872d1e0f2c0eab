import type { AccessShape } from './access-shape.ts'
import { common } from './common.ts'

/** The ingress controller of nginx with `log-format-upstream` in JSON, as its guide writes it: `duration` is in seconds. */
export const nginxIngress: AccessShape = {
  id: 'nginx-ingress',
  title: 'NGINX ingress controller',
  is: record =>
    'vhost' in record ||
    'ingress_name' in record ||
    'proxy_upstream_name' in record ||
    'upstream_response_time' in record,
  fields: { ...common.fields, ip: ['remote_addr', 'remote_ip', 'client_ip', 'x_forwarded_for', 'client'] },
  durations: [
    ['request_time', 1_000],
    ['duration', 1_000],
  ],
  extra: {
    upstream: ['proxy_upstream_name', 'upstream_name'],
    service: ['service_name'],
    namespace: ['namespace'],
    ingress: ['ingress_name'],
  },
}
