import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../../call/redactor.ts'
import type { Rejection } from '../../../kit/rejection.ts'
import { pcapFile, pcapngFile, Talk } from '../../capture/fixture.ts'
import { readEvents } from '../index.ts'

async function read(...files: readonly Uint8Array[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pcap-'))
  const paths = files.map((content, index) => {
    const path = join(folder, `f${index}`)
    writeFileSync(path, content)
    return path
  })
  const rejections: Rejection[] = []
  const events: string[] = []
  const ids: string[] = []
  for await (const event of readEvents(paths, {
    redactor: new Redactor({ key: new Uint8Array(32) }),
    onRejection: rejection => rejections.push(rejection),
  })) {
    ids.push(event.id)
    events.push(
      event.type === 'call'
        ? `${event.request.method} ${event.request.target} ${event.response?.status} ${JSON.stringify(event.request.headers)}`
        : event.type === 'flow'
          ? `${event.workload.name} → ${event.peer.ip}:${event.peer.port}`
          : event.type,
    )
  }
  return { events, ids, reasons: rejections.map(({ position, reason }) => `${position}: ${reason}`) }
}

const call = (path: string, port: number, time: number) =>
  new Talk({ clientPort: port, time })
    .open()
    .client(
      `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer s3cr3t-t0ken-of-someone\r\n\r\n`,
    )
    .server('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    .close().packets

const why =
  spawnSync('tcpdump', ['--version']).error !== undefined
    ? ' (skipped: tcpdump is not installed)'
    : process.getuid?.() === 0
      ? ''
      : ' (skipped: only root may capture)'

const start = 1_796_000_000_000
const sealed = (path: string) =>
  expect.stringMatching(new RegExp(`^GET ${path} 200 .*"authorization","Bearer \\[redacted:`))

describe('a network capture', () => {
  it('gives calls without their secrets, in order of time, also from several files and gzip', async () => {
    const first = pcapFile([...call('/a', 1, start), ...call('/c', 2, start + 2_000)])
    const second = gzipSync(pcapngFile(call('/b', 3, start + 1_000)))
    const { events, ids, reasons } = await read(first, second)
    expect(events).toEqual([sealed('/a'), sealed('/b'), sealed('/c')])
    expect([ids, reasons]).toEqual([['f0:1', 'f1:1', 'f0:2'], []])
  })

  it('gives calls in order of when they began, however long their answers take', async () => {
    const slow = new Talk({ clientPort: 9, time: start })
      .open()
      .client('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    const quick = Array.from({ length: 3_000 }, (_, index) =>
      call(`/${index}`, 10_000 + index, start + 100 + index * 10),
    )
    slow.wait(25_000).server('HTTP/1.1 204 No Content\r\n\r\n').close()
    const packets = [...quick.flat(), ...slow.packets].sort((a, b) => a.time - b.time)
    const { events } = await read(pcapFile(packets))
    expect(events.map(text => text.split(' ', 2)[1])).toEqual([
      '/slow',
      ...Array.from({ length: 3_000 }, (_, index) => `/${index}`),
    ])
  })

  it('gives the same events every time', async () => {
    const file = pcapFile([...call('/a', 1, start), ...call('/b', 2, start)])
    expect(await read(file)).toEqual(await read(file))
  })

  it('says what it could not read, and where', async () => {
    const whole = pcapFile([...call('/a', 1, start), ...call('/b', 2, start + 1_000)])
    const { events, reasons } = await read(whole.subarray(0, -10))
    expect(events).toHaveLength(2)
    expect(reasons).toEqual(['14: The capture ends within a packet.'])
  })

  it('says when there is nothing in it', async () => {
    const { events, reasons } = await read(pcapFile([{ time: start, bytes: Buffer.alloc(60) }]))
    expect([events, reasons]).toEqual([
      [],
      ['2: None of its 1 packets is of a call or of a connection with data.'],
    ])
  })

  it('tells of connections in TLS that their calls are not seen', async () => {
    const talk = new Talk({ serverPort: 443 })
      .open()
      .client(Buffer.from([22, 3, 1, 0, 2, 1, 0]))
      .server('x')
      .close()
    const { events, reasons } = await read(pcapFile(talk.packets))
    expect(events).toEqual(['10.0.0.1 → 10.0.0.2:443'])
    expect(reasons).toEqual([
      expect.stringContaining('1 connections are in TLS, so their calls are not seen.'),
    ])
  })
})

describe(`a capture by tcpdump${why}`, () => {
  it.skipIf(why !== '')('gives the calls that were made', { timeout: 30_000 }, async () => {
    const server = createServer((request, response) => {
      request.resume()
      request.on('end', () => response.end(`to ${request.url}`))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const file = join(mkdtempSync(join(tmpdir(), 'pcap-')), 'live.pcap')
    const dump = spawn(
      'tcpdump',
      ['-i', 'lo', '-U', '--immediate-mode', '-Z', 'root', '-w', file, `tcp port ${port}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    await once(dump.stderr, 'data')
    for (const path of ['/a', '/b?c=d'])
      await (
        await fetch(`http://127.0.0.1:${port}${path}`, { method: 'PUT', body: 'x'.repeat(20_000) })
      ).text()
    const deadline = Date.now() + 10_000
    const written = (): boolean =>
      existsSync(file) && statSync(file).size > 40_000 && readFileSync(file).includes('to /b?c=d')
    while (!written() && Date.now() < deadline) await new Promise(resolve => setImmediate(resolve))
    const gone = once(dump, 'exit')
    dump.kill('SIGTERM')
    await gone
    server.close()
    server.closeAllConnections()
    const { events, reasons } = await read(readFileSync(file))
    expect(events).toEqual([
      expect.stringMatching(/^PUT \/a 200 /),
      expect.stringMatching(/^PUT \/b\?c=d 200 /),
    ])
    expect(reasons).toEqual([])
  })
})
