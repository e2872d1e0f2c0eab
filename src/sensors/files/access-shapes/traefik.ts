import type { AccessShape } from './access-shape.ts'

/** Traefik's access log in JSON (Traefik, "Access logs"): nanoseconds, headers as `request_<name>` and `downstream_<name>`. */
export const traefik: AccessShape = {
  id: 'traefik',
  title: 'Traefik',
  is: record => 'RequestMethod' in record && ('DownstreamStatus' in record || 'RequestPath' in record),
  fields: {
    time: ['StartUTC', 'StartLocal', 'time'],
    method: ['RequestMethod'],
    target: ['RequestPath'],
    status: ['DownstreamStatus', 'OriginStatus'],
    ip: ['ClientHost', 'ClientAddr'],
    port: ['ClientPort'],
    host: ['RequestHost', 'RequestAddr'],
    bytes: ['DownstreamContentSize', 'OriginContentSize'],
    received: ['RequestContentSize'],
    user: ['ClientUsername'],
    version: ['RequestProtocol'],
    trace: ['TraceId'],
  },
  durations: [['Duration', 1e-6]],
  requestHeaderPrefix: 'request_',
  extra: { service: ['ServiceName'], router: ['RouterName'] },
}
