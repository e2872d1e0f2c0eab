import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { KafkaBroker, noKafka } from '../../../test/support/kafka-broker.ts'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { systemClock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import { type KafkaOptions, KafkaSensor } from './kafka-sensor.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const call = (target: string): string =>
  JSON.stringify({ time: systemClock.now(), request: { method: 'GET', target } })

const reason = noKafka()

describe.skipIf(reason !== undefined)(
  `a Kafka broker${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let broker: KafkaBroker
    let admin: Admin
    let producer: Producer<string, string, string, string>
    beforeAll(async () => {
      broker = await KafkaBroker.start()
      const about = { clientId: 'test', bootstrapBrokers: [broker.address], retries: 20, retryDelay: 250 }
      admin = new Admin(about)
      producer = new Producer({ ...about, serializers: stringSerializers })
    })
    afterAll(async () => {
      await producer?.close().catch(() => {})
      await admin?.close().catch(() => {})
      await broker?.close()
    })

    async function topic(name: string, partitions = 2): Promise<void> {
      await vi.waitFor(() => admin.createTopics({ topics: [name], partitions, replicas: 1 }), {
        timeout: 20_000,
      })
    }

    const send = (to: string, partition: number, ...values: string[]): Promise<unknown> =>
      producer.send({ messages: values.map(value => ({ topic: to, partition, value })) })

    async function sensing(topics: readonly string[], options: Partial<KafkaOptions> = {}) {
      const told: (RawExchange | ContextEvent)[] = []
      const keep = (item: RawExchange | ContextEvent): void => void told.push(item)
      const sensor = await KafkaSensor.start({ call: keep, event: keep }, systemClock, {
        brokers: [broker.address],
        topics,
        group: `group-${topics.join('-')}`,
        commitEveryMs: 200,
        ...options,
      })
      let open = true
      const close = async (): Promise<void> => {
        if (open) await sensor.close()
        open = false
      }
      closing.push(close)
      const targets = (): string[] =>
        told.map(item => ('request' in item ? item.request.target : item.type)).sort()
      return { sensor, targets, close }
    }

    it('gives what the partitions hold, commits after it, and goes on where it was', async () => {
      await topic('calls')
      await send('calls', 0, call('/a'), `${call('/b')}\n${call('/c')}`)
      await send('calls', 1, call('/d'))
      const first = await sensing(['calls'])
      await vi.waitFor(() => expect(first.targets()).toEqual(['/a', '/b', '/c', '/d']), { timeout: 20_000 })
      await vi.waitFor(() =>
        expect(first.sensor.health(systemClock.now()).detail).toContain('Nothing waits in its 2 partitions.'),
      )
      const { sources, state } = first.sensor.health(systemClock.now())
      expect([sources?.map(source => source.name).sort(), state]).toEqual([['calls/0', 'calls/1'], 'running'])
      await first.close()
      await send('calls', 1, call('/e'))
      const second = await sensing(['calls'])
      await vi.waitFor(() => expect(second.targets()).toEqual(['/e']), { timeout: 20_000 })
    })

    it('counts what cannot be read, and is not held up by it', async () => {
      await topic('poison', 1)
      const poison = ['no format', '{"broken', 'x'.repeat(10_001)]
      await send('poison', 0, ...poison, call('/good'))
      const { sensor, targets } = await sensing(['poison'], { maxMessageBytes: 10_000 })
      await vi.waitFor(() => expect(targets()).toEqual(['/good']), { timeout: 20_000 })
      expect(sensor.health(systemClock.now())).toMatchObject({ rejected: 3, events: 1 })
    })

    it('comes back after the broker was killed', async () => {
      await topic('killed', 1)
      await send('killed', 0, call('/before'))
      const { sensor, targets } = await sensing(['killed'])
      await vi.waitFor(() => expect(targets()).toEqual(['/before']), { timeout: 20_000 })
      await broker.end()
      await broker.begin()
      await vi.waitFor(() => send('killed', 0, call('/after')), { timeout: 30_000 })
      await vi.waitFor(() => expect(new Set(targets())).toEqual(new Set(['/before', '/after'])), {
        timeout: 40_000,
        interval: 200,
      })
      await vi.waitFor(() => expect(sensor.health(systemClock.now()).state).toBe('running'), {
        timeout: 20_000,
      })
    }, 120_000)

    it('says that a topic is not there', async () => {
      const thrown = await sensing(['nowhere']).catch((error: unknown) => error)
      expect(thrown).toBeInstanceOf(SallyportError)
      expect((thrown as SallyportError).toDisplayString()).toContain('nowhere')
    })
  },
)

it('says that no broker answers', async () => {
  const thrown = await KafkaSensor.start({ call: () => {}, event: () => {} }, systemClock, {
    brokers: ['127.0.0.1:9'],
    topics: ['calls'],
  }).catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'upstream/unreachable', message: 'The Kafka topics cannot be read.' })
})
