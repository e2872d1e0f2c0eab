import type { EdgeSource } from '../../../src/graph/edge.ts'

const names: Readonly<Record<EdgeSource, string>> = {
  gateway: 'the gateway',
  file: 'recordings',
  otlp: 'traces',
  mirror: 'mirrored traffic',
  envoy: 'Envoy',
  kubernetes: 'Kubernetes',
  runtime: 'a runtime sensor',
  cloud: 'the cloud’s audit log',
  stream: 'an event stream',
  inferred: 'what else is known',
}

/** Where an edge was learned from, as it stands in a sentence. */
export const edgeSourceName = (source: EdgeSource): string => names[source] ?? source
