import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NatsServer, noNats } from '../../../test/support/nats-server.ts'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { systemClock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import { type NatsOptions, NatsSensor } from './nats-sensor.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const call = (target: string): string =>
  JSON.stringify({ time: systemClock.now(), request: { method: 'GET', target } })
const alarm = JSON.stringify({
  rule: 'Shell',
  priority: 'Warning',
  time: '2026-01-02T03:04:05Z',
  output_fields: { 'evt.type': 'execve', 'proc.exepath': '/bin/sh' },
})

async function served(args: readonly string[] = []) {
  const server = await NatsServer.start(args)
  closing.push(() => server.close())
  return server
}

/** A client beside the sensor, with the stream `API` of all below `api`. */
async function streamOn(server: NatsServer) {
  const connection: NatsConnection = await connect({
    servers: server.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  })
  closing.push(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'API', subjects: ['api.>'] })
  return { manager, stream: jetstream(connection) }
}

async function sensing(server: NatsServer, options: Partial<NatsOptions> = {}) {
  const told: (RawExchange | ContextEvent)[] = []
  const keep = (item: RawExchange | ContextEvent): void => void told.push(item)
  const sensor = await NatsSensor.start({ call: keep, event: keep }, systemClock, {
    servers: [server.url],
    stream: 'API',
    ...options,
  })
  let open = true
  const close = async (): Promise<void> => {
    if (open) await sensor.close()
    open = false
  }
  closing.push(close)
  const targets = (): string[] => told.map(item => ('request' in item ? item.request.target : item.type))
  return { sensor, told, targets, close }
}

const failure = async (work: Promise<unknown>): Promise<SallyportError> => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof SallyportError) return thrown
  throw new Error('it did not fail as it should')
}

describe.skipIf(noNats !== undefined)(
  `a NATS server${noNats === undefined ? '' : ` (skipped: ${noNats})`}`,
  () => {
    it('gives each message once, by wildcard, in whatever format, and goes on where it was', async () => {
      const server = await served()
      const { stream, manager } = await streamOn(server)
      const first = await sensing(server, { subjects: ['api.calls.*', 'api.alarms'] })
      await stream.publish('api.calls.eu', call('/a?token=hunter2'))
      await stream.publish('api.calls.us', gzipSync(`${call('/b')}\n${call('/c')}\n`))
      await stream.publish('api.alarms', alarm)
      await stream.publish('api.other', call('/not-asked-for'))
      await vi.waitFor(() =>
        expect(first.targets().sort()).toEqual(['/a?token=hunter2', '/b', '/c', 'runtime']),
      )
      const { sources, events, rejected, state } = first.sensor.health(systemClock.now())
      expect([sources?.map(source => source.name).sort(), events, rejected, state]).toEqual([
        ['api.alarms', 'api.calls.eu', 'api.calls.us'],
        4,
        0,
        'running',
      ])
      await first.close()
      await stream.publish('api.calls.eu', call('/d'))
      const second = await sensing(server, { subjects: ['api.calls.*', 'api.alarms'] })
      await vi.waitFor(() => expect(second.targets()).toEqual(['/d']))
      await second.close()
      for await (const consumer of manager.consumers.list('API'))
        expect([consumer.num_ack_pending, consumer.num_pending]).toEqual([0, 0])
    })

    it('counts what cannot be read and asks for it no more', async () => {
      const server = await served()
      const { stream, manager } = await streamOn(server)
      const { sensor, targets, close } = await sensing(server, { maxMessageBytes: 10_000, ackWaitMs: 300 })
      const poison = [
        'no format that is known',
        '{"broken',
        'x'.repeat(10_001),
        gzipSync(Buffer.alloc(1_000_000)),
        Uint8Array.from([0x1f, 0x8b, 7, 7]),
        '{"type":"call","time":"yesterday","request":{"method":"GET","target":"/"}}',
      ]
      for (const message of poison) await stream.publish('api.calls', message)
      await stream.publish('api.calls', call('/good'))
      await vi.waitFor(() => expect(targets()).toEqual(['/good']))
      const health = sensor.health(systemClock.now())
      expect([health.rejected, health.events]).toEqual([poison.length, 1])
      expect(health.detail).toContain(`${poison.length} records could not be read`)
      await close()
      const { num_ack_pending, num_redelivered, ack_floor } = await manager.consumers.info('API', 'sallyport')
      expect([num_ack_pending, num_redelivered, ack_floor.stream_seq]).toEqual([0, 0, poison.length + 1])
    })

    it('delivers again what nobody acknowledged', async () => {
      const server = await served()
      const { stream } = await streamOn(server)
      const before = await sensing(server, { ackWaitMs: 500 })
      await before.close()
      await stream.publish('api.calls', call('/lost'))
      // A reader that dies with the message in its hands.
      const taken = await (await stream.consumers.get('API', 'sallyport')).next()
      expect(taken?.subject).toBe('api.calls')
      const { sensor, targets } = await sensing(server, { ackWaitMs: 500 })
      await vi.waitFor(() => expect(targets()).toEqual(['/lost']), { timeout: 10_000 })
      expect(sensor.health(systemClock.now()).detail).toContain('1 came again.')
    })

    it('comes back after the server was killed, and says that it was away', async () => {
      const server = await served()
      const { stream } = await streamOn(server)
      const { sensor, targets } = await sensing(server)
      await stream.publish('api.calls', call('/before'))
      await vi.waitFor(() => expect(targets()).toEqual(['/before']))
      await server.end()
      await vi.waitFor(() => expect(sensor.health(systemClock.now())).toMatchObject({ state: 'degraded' }))
      await server.begin()
      await vi.waitFor(() => stream.publish('api.calls', call('/after')), { timeout: 10_000 })
      await vi.waitFor(() => expect(new Set(targets())).toEqual(new Set(['/before', '/after'])), {
        timeout: 20_000,
      })
      expect(sensor.health(systemClock.now())).toMatchObject({ state: 'running' })
    })

    it('makes its consumer again where somebody deleted it', async () => {
      const server = await served()
      const { stream, manager } = await streamOn(server)
      const { targets } = await sensing(server, { from: 'new' })
      await manager.consumers.delete('API', 'sallyport')
      // Deleted between two asks it shows only when the server's heartbeats stay away.
      await vi.waitFor(
        async () => expect((await manager.consumers.info('API', 'sallyport')).name).toBe('sallyport'),
        { timeout: 75_000, interval: 200 },
      )
      await stream.publish('api.calls', call('/again'))
      await vi.waitFor(() => expect(targets()).toEqual(['/again']), { timeout: 20_000 })
    }, 110_000)

    it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
      'speaks TLS with the authority of a file',
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'sallyport-nats-tls-'))
        closing.push(() => rmSync(folder, { recursive: true, force: true }))
        const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
        const made = spawnSync('openssl', [
          ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
          ...[
            '-subj',
            '/CN=127.0.0.1',
            '-addext',
            'subjectAltName=IP:127.0.0.1,DNS:localhost',
            '-keyout',
            key,
            '-out',
            certificate,
          ],
        ])
        expect(made.status).toBe(0)
        const server = await served(['--tls', '--tlscert', certificate, '--tlskey', key])
        const connection = await connect({ servers: server.url, tls: { caFile: certificate } })
        closing.push(() => connection.close())
        await (await jetstreamManager(connection)).streams.add({ name: 'API', subjects: ['api.>'] })
        const { targets } = await sensing(server, { caFile: certificate })
        await jetstream(connection).publish('api.calls', call('/secured'))
        await vi.waitFor(() => expect(targets()).toEqual(['/secured']))
        // Not an authority of the system's.
        expect((await failure(sensing(server))).code).toBe('upstream/unreachable')
      },
    )

    it('gives its credentials from files, and tells none', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-nats-secret-'))
      closing.push(() => rmSync(folder, { recursive: true, force: true }))
      const right = join(folder, 'right')
      const wrong = join(folder, 'wrong')
      writeFileSync(right, 'hunter2\n')
      writeFileSync(wrong, 'hunter3\n')
      const server = await served(['--user', 'sensor', '--pass', 'hunter2'])
      const refused = await failure(sensing(server, { user: 'sensor', passwordFile: wrong }))
      expect([refused.code, refused.toDisplayString().includes('hunter')]).toEqual(['config/invalid', false])
      const missing = await failure(sensing(server, { user: 'sensor', passwordFile: right }))
      expect([missing.code, missing.message]).toEqual(['config/invalid', 'The stream API cannot be read.'])
      const unreadable = await failure(
        sensing(server, { user: 'sensor', passwordFile: join(folder, 'none') }),
      )
      expect(unreadable.message).toBe('The file cannot be read.')
    })
  },
)

it('says that no server answers', async () => {
  const { code, message } = await failure(
    NatsSensor.start({ call: () => {}, event: () => {} }, systemClock, {
      servers: ['nats://127.0.0.1:9'],
      stream: 'API',
    }),
  )
  expect([code, message]).toEqual(['upstream/unreachable', 'No NATS server answers.'])
})
