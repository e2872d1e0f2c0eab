import { describe, expect, it } from 'vitest'
import type { ContextEvent } from '../call/event.ts'
import type { RawExchange } from '../call/raw-exchange.ts'
import { ManualClock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { ContextSink, RunningSensor } from '../sensors/context-sensor.ts'
import { HostedSensor } from './hosted-sensor.ts'
import { sensorsSchema } from './sensor-config.ts'
import { type SensorStarter, sensorStarters } from './sensor-starters.ts'

const now = 1.7e12
const exchange: RawExchange = {
  id: 'x',
  time: now,
  source: {},
  destination: { host: 'a' },
  request: { method: 'GET', target: '/', httpVersion: '1.1', headers: [] },
}
const event: ContextEvent = {
  type: 'access',
  id: 'a',
  time: now,
  workload: { name: 'w' },
  store: { system: 'redis' },
}

/** A sensor that fails so often before it starts. */
function hosted(wanted: 'asked' | 'offered', failures: number, room = 100) {
  const clock = new ManualClock(now)
  const took: (RawExchange | ContextEvent)[] = []
  const write = (one: RawExchange | ContextEvent): boolean => took.length < room && took.push(one) > 0
  let sink: ContextSink | undefined
  let left = failures
  let closed = 0
  const running: RunningSensor = {
    address: '127.0.0.1:1',
    health: () => ({ id: 'own', kind: 'k', state: 'running', events: 2, dropped: 1, rejected: 1 }),
    close: async () => {
      closed += 1
    },
  }
  const starter: SensorStarter = {
    id: 'runtime',
    kind: 'Sample',
    wanted: () => wanted,
    start: async given => {
      sink = given
      left -= 1
      if (left >= 0) throw new SallyportError('listen/in-use', 'It cannot listen.', { where: '127.0.0.1:1' })
      return running
    },
  }
  const ring = { write, writeEvent: write }
  const sensor = new HostedSensor(starter, wanted, { config: sensorsSchema.parse(undefined), clock, ring })
  return { sensor, clock, took, sink: () => sink as ContextSink, closed: () => closed }
}

describe('a hosted sensor', () => {
  it('marks what it hands on, and leaves out what is of a time to come', async () => {
    const { sensor, took, sink } = hosted('asked', 0)
    await sensor.start()
    sink().call(exchange)
    sink().call({ ...exchange, sensor: 'gateway' })
    sink().event(event)
    sink().event({ ...event, time: now + 400_000 })
    sink().call({ ...exchange, time: now + 400_000 })
    expect(took.map(one => ('sensor' in one ? one.sensor : undefined))).toEqual([
      'runtime',
      'gateway',
      'runtime',
    ])
    expect(sensor.health(now)).toMatchObject({
      id: 'runtime',
      state: 'running',
      dropped: 1,
      rejected: 3,
      detail: '2 events were of a time to come: check the clocks.',
    })
  })

  it('counts what there was no room for', async () => {
    const { sensor, sink } = hosted('asked', 0, 1)
    await sensor.start()
    for (let index = 0; index < 4; index += 1) sink().event(event)
    expect(sensor.health(now).dropped).toBe(1 + 3)
  })

  it('is tried again with growing pauses where it was asked for', async () => {
    const { sensor, clock } = hosted('asked', 2)
    await sensor.start()
    expect(sensor.health(now)).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('It cannot'),
    })
    const tried: boolean[] = []
    for (const wait of [4_999, 1, 9_999, 1]) {
      clock.advance(wait)
      tried.push(await sensor.retry(clock.now()))
    }
    expect(tried).toEqual([false, false, false, true])
    expect(sensor.health(now).state).toBe('running')
  })

  it('is left out where it was only offered', async () => {
    const { sensor, clock } = hosted('offered', 1)
    await sensor.start()
    clock.advance(1e9)
    expect([await sensor.retry(clock.now()), sensor.health(now).state]).toEqual([false, 'stopped'])
  })

  it('is closed also where it was just starting', async () => {
    const { sensor, closed } = hosted('asked', 0)
    const starting = sensor.start()
    await sensor.close()
    await starting
    expect([closed(), sensor.health(now).state]).toEqual([1, 'stopped'])
  })
})

describe('the sensors that can be hosted', () => {
  it('are started only where the configuration speaks of them, but for OpenTelemetry, which is offered', () => {
    const wantedOf = (given: unknown) => {
      const config = sensorsSchema.parse(given)
      return Object.fromEntries(
        sensorStarters.flatMap(({ id, wanted }) => {
          const how = wanted(config)
          return how === undefined ? [] : [[id, how]]
        }),
      )
    }
    expect(wantedOf(undefined)).toEqual({ otlp: 'offered' })
    expect(wantedOf({ otlp: { enabled: false } })).toEqual({})
    const listener = { port: 0 }
    expect(
      wantedOf({
        otlp: { enabled: true },
        kubernetes: { enabled: true },
        pcap: { interface: 'lo' },
        mirror: listener,
        envoy: listener,
        runtime: listener,
        cloud: listener,
        nats: { stream: 's' },
        kafka: { topics: ['t'] },
      }),
    ).toEqual(Object.fromEntries(sensorStarters.map(({ id }) => [id, 'asked'])))
    expect(sensorStarters).toHaveLength(9)
  })
})
