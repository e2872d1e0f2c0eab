import type { SensorView } from '../../src/server/api/sensor.ts'

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()

/** Sensors in every state that the page has words for. */
export const sensors = (): readonly SensorView[] => [
  {
    id: 'gateway',
    kind: 'gateway',
    state: 'running',
    events: 184_230,
    dropped: 0,
    rejected: 3,
    lastEventAt: ago(1),
    address: '127.0.0.1:8080',
    perSecond: 41.5,
    lagMs: 2,
    sees: 'full',
  },
  {
    id: 'otlp',
    kind: 'OpenTelemetry traces',
    state: 'running',
    events: 92_114,
    dropped: 0,
    rejected: 0,
    lastEventAt: ago(2),
    detail:
      '401 020 spans: 61 020 calls, 31 094 accesses to stores, 0 flows, 12 waiting for their other side.',
    address: '127.0.0.1:4318 and 127.0.0.1:4317',
    perSecond: 18,
    lagMs: 4_200,
    sampledShare: 0.1,
    sees: 'head',
    sources: [
      { name: 'shop/billing', events: 4_100, lastEventAt: ago(5_400), silent: true },
      { name: 'shop/orders', events: 61_000, lastEventAt: ago(2), silent: false },
      { name: 'shop/carts', events: 27_014, lastEventAt: ago(3), silent: false },
    ],
  },
  {
    id: 'runtime',
    kind: 'Runtime security events',
    state: 'degraded',
    events: 12,
    dropped: 40,
    rejected: 2,
    lastEventAt: ago(300),
    detail: 'Records came faster than they were read.',
    address: '127.0.0.1:9003',
    sees: 'none',
  },
  {
    id: 'kubernetes',
    kind: 'Kubernetes objects',
    state: 'stopped',
    events: 0,
    dropped: 0,
    rejected: 0,
    detail: 'No cluster is configured on this machine.',
  },
]

/** The sensors’ part of the REST API. */
export const sensorAnswer = (
  list: readonly SensorView[],
  path: string,
): readonly [status: number, body: unknown] | undefined =>
  path === '/sensors' ? [200, { items: list }] : undefined
