import type { SallyportEvent } from '../call/event.ts'
import { type EdgeSource, edgeSources } from '../graph/edge.ts'
import type { SensorId } from '../sensors/sensor-id.ts'

const sourcesBySensor: Readonly<Record<SensorId, EdgeSource>> = {
  gateway: 'gateway',
  'envoy-filter': 'envoy',
  'forward-auth': 'gateway',
  application: 'gateway',
  otlp: 'otlp',
  kubernetes: 'kubernetes',
  pcap: 'mirror',
  mirror: 'mirror',
  envoy: 'envoy',
  runtime: 'runtime',
  cloud: 'cloud',
  nats: 'stream',
  kafka: 'stream',
}

/** Which kind of source each sensor and each `source` of an event line is. */
const sourcesByName: ReadonlyMap<string, EdgeSource> = new Map([
  ...edgeSources.map(source => [source, source] as const),
  ...Object.entries(sourcesBySensor),
  ...named('mirror', 'capture', 'goreplay'),
  ...named('envoy', 'istio', 'envoy-access-log'),
  ...named('kubernetes', 'kubernetes-audit', 'hubble', 'cilium', 'calico', 'manifest'),
  ...named('runtime', 'kubearmor', 'tetragon', 'falco', 'tracee', 'auditd', 'sysdig'),
  ...named('cloud', 'cloudtrail', 'gcp-audit', 'azure-activity', 'vpc-flow-logs', 'route53'),
])

function named(source: EdgeSource, ...names: readonly string[]): readonly (readonly [string, EdgeSource])[] {
  return names.map(name => [name, source])
}

/** Where an edge that an event tells of was learned: its sensor, else what the event calls its source; `file` where neither is known. */
export function edgeSourceOf(event: SallyportEvent): EdgeSource {
  const name = event.type === 'call' || event.type === 'access' ? event.sensor : event.source
  return (name === undefined ? undefined : sourcesByName.get(name.toLowerCase())) ?? 'file'
}
