import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { systemClock } from '../../kit/clock.ts'
import type { SallyportError } from '../../kit/error.ts'
import type { ContextSink } from '../context-sensor.ts'
import type { CaptureOptions } from './capture-options.ts'
import { CaptureSensor } from './capture-sensor.ts'
import { inShort, pcapFile, Talk } from './fixture.ts'

const has = spawnSync('tcpdump', ['--version']).error === undefined
const isRoot = process.getuid?.() === 0
const why = has ? (isRoot ? '' : ' (skipped: only root may capture)') : ' (skipped: tcpdump is not installed)'

function gathered(): { sink: ContextSink; calls: RawExchange[]; events: ContextEvent[] } {
  const calls: RawExchange[] = []
  const events: ContextEvent[] = []
  return { sink: { call: call => calls.push(call), event: event => events.push(event) }, calls, events }
}

const failure = async (options: Partial<CaptureOptions>): Promise<SallyportError> => {
  try {
    await CaptureSensor.start(gathered().sink, systemClock, options)
  } catch (thrown) {
    return thrown as SallyportError
  }
  throw new Error('it did not fail')
}

/** A program in place of tcpdump. */
function program(script: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'capture-')), 'capture')
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

/** Waits for something that is about to happen. */
async function until(happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!happened() && Date.now() < deadline) await new Promise(resolve => setImmediate(resolve))
}

describe(`a live capture${why}`, () => {
  it.skipIf(why !== '')(
    'sees the calls of real clients and servers, in HTTP/1.1 and HTTP/2',
    { timeout: 30_000 },
    async () => {
      const plain = createServer((request, response) => {
        request.resume()
        request.on('end', () => response.end('hello'))
      }).listen(0, '127.0.0.1')
      const framed = createHttp2().listen(0, '127.0.0.1')
      framed.on('stream', stream => {
        stream.resume()
        stream.on('end', () => {
          stream.respond({ ':status': 201 })
          stream.end('made')
        })
      })
      await Promise.all([once(plain, 'listening'), once(framed, 'listening')])
      const [first, second] = [plain, framed].map(server => (server.address() as AddressInfo).port)
      const { sink, calls } = gathered()
      const sensor = await CaptureSensor.start(sink, systemClock, {
        interface: 'lo',
        filter: `tcp port ${first} or tcp port ${second}`,
      })
      await (
        await fetch(`http://127.0.0.1:${first}/a?b=c`, { method: 'POST', body: 'x'.repeat(100_000) })
      ).text()
      const session = connect(`http://127.0.0.1:${second}`)
      const stream = session.request({ ':path': '/framed', ':method': 'PUT' })
      stream.resume()
      stream.end('text')
      await once(stream, 'close')
      await until(() => calls.length >= 2)
      const health = sensor.health(systemClock.now())
      session.destroy()
      await sensor.close()
      plain.close()
      plain.closeAllConnections()
      framed.close()
      expect(calls.map(inShort).sort()).toEqual(['POST /a?b=c +100000… 200 5', 'PUT /framed +4 201 4'])
      expect(health).toMatchObject({
        state: 'running',
        events: 2,
        dropped: 0,
        rejected: 0,
        sees: 'full',
        address: 'lo',
      })
      expect(health.sources?.map(({ name }) => name).sort()).toEqual(
        [`127.0.0.1:${first}`, `127.0.0.1:${second}`].sort(),
      )
      expect(sensor.health(systemClock.now()).state).toBe('stopped')
    },
  )

  it.skipIf(why !== '')('is refused with what is wrong', { timeout: 30_000 }, async () => {
    const rows: readonly (readonly [Partial<CaptureOptions>, string, RegExp])[] = [
      [{ interface: 'none-such' }, 'config/invalid', /does not capture on none-such: .*No such device/],
      [{ interface: 'lo', filter: 'tcp prt 80' }, 'config/invalid', /does not capture on lo: .*syntax error/],
      [{ interface: 'lo', filter: '-z evil' }, 'config/invalid', /does not capture on lo/],
    ]
    for (const [options, code, told] of rows) {
      const error = await failure(options)
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(told)])
    }
  })
})

describe('a capture by another program', () => {
  const talk = new Talk()
    .open()
    .client('GET /a HTTP/1.1\r\nHost: x\r\n\r\n')
    .server('HTTP/1.1 204 No Content\r\n\r\n')
  const file = join(mkdtempSync(join(tmpdir(), 'capture-')), 'one.pcap')
  writeFileSync(file, pcapFile(talk.packets))

  it('says that it is missing, or may not', async () => {
    const missing = await failure({ command: 'no-such-program' })
    expect([missing.code, missing.mend]).toEqual([
      'config/invalid',
      'Install it, e.g. apt-get install tcpdump.',
    ])
    const forbidden = await failure({
      command: program('echo "tcpdump: lo: You don\'t have permission to perform this capture" >&2; exit 1'),
    })
    expect([forbidden.code, forbidden.mend]).toEqual(['auth/forbidden', expect.stringContaining('setcap')])
    const late = await failure({ command: program('exec sleep 60'), startMs: 50 })
    expect(late.message).toContain('It does not say that it listens.')
  })

  it('counts what the kernel dropped, and begins again when it ends', async () => {
    const { sink, calls } = gathered()
    const command = program(
      `echo "tcpdump: listening on lo, link-type EN10MB" >&2; cat ${file}; echo "7 packets dropped by kernel" >&2; echo "tcpdump: pcap_loop: The interface disappeared" >&2; exit 1`,
    )
    const sensor = await CaptureSensor.start(sink, systemClock, { command, restartMs: 1 })
    await until(() => sensor.health(0).dropped >= 14)
    const health = sensor.health(systemClock.now())
    await sensor.close()
    expect(health.dropped).toBeGreaterThanOrEqual(14)
    expect(health.detail).toMatch(/It was started again \d+ times\./)
    expect(calls.length).toBeGreaterThan(0)
    expect(calls.map(inShort).every(text => text === 'GET /a 204 0')).toBe(true)
  })

  it('says why it stands still', async () => {
    const command = program(
      'echo "tcpdump: listening on lo" >&2; echo "tcpdump: pcap_loop: The interface disappeared" >&2; exit 1',
    )
    const sensor = await CaptureSensor.start(gathered().sink, systemClock, { command, restartMs: 60_000 })
    await until(() => sensor.health(0).state === 'degraded')
    expect(sensor.health(0).detail).toContain('ended: pcap_loop: The interface disappeared')
    await sensor.close()
  })
})
