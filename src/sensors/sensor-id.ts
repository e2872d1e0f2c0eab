/**
 * Every sensor, as its calls are marked and its row is called: `gateway` and the decision points are in the request path, the others are
 * keys under `sensors`.
 */
export const sensorIds = [
  'gateway',
  'envoy-filter',
  'forward-auth',
  'otlp',
  'kubernetes',
  'pcap',
  'mirror',
  'envoy',
  'runtime',
  'cloud',
  'nats',
  'kafka',
] as const

/** Besides those of a system, `application`: who decides inside an application's own process. */
export type SensorId = (typeof sensorIds)[number] | 'application'

/** In the request path: they hand each call on as it ends, and carry out what is decided. */
export const inlineSensors: ReadonlySet<string> = new Set<SensorId>([
  'gateway',
  'envoy-filter',
  'forward-auth',
  'application',
])
