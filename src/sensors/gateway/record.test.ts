import { afterEach, expect, test } from 'vitest'
import { ManualClock } from '../../kit/clock.ts'
import { ExchangeIds } from './exchange-id.ts'
import { closeAll, httpUpstream, RawClient, RecordingGuard, textOf } from './fixture.ts'
import { Gateway } from './gateway.ts'

afterEach(closeAll)

test('the record of an exchange says who, what, when and what came back', async () => {
  const clock = new ManualClock(1_780_000_000_000)
  const { url } = await httpUpstream((request, response) => {
    clock.advance(40)
    request.resume().on('end', () => {
      response.sendDate = false
      response.writeHead(201, [
        'Content-Type',
        'application/json',
        'X-Two',
        'a',
        'X-Two',
        'b',
        'Content-Length',
        '8',
      ])
      response.end('{"id":7}')
    })
  })
  const guard = new RecordingGuard()
  const gateway = new Gateway({ host: '127.0.0.1', port: 0, upstream: url }, guard, clock)
  const { port } = await gateway.listen()
  const client = new RawClient(port)
  await client
    .send(
      'POST /orders?a=%20b HTTP/1.1\r\nHost: Shop.Example:80\r\nX-Request-ID: r-1\r\nContent-Length: 7\r\n\r\n{"a":1}',
    )
    .until('{"id":7}')
  const [exchange] = await guard.seen(1)
  expect(exchange).toMatchObject({
    time: 1_780_000_000_000,
    durationMs: 40,
    source: { ip: '127.0.0.1', port: client.socket.localPort },
    destination: { host: 'shop.example', ip: '127.0.0.1', port: Number(url.port) },
    request: {
      method: 'POST',
      target: '/orders?a=%20b',
      httpVersion: '1.1',
      headers: [
        ['host', 'Shop.Example:80'],
        ['x-request-id', 'r-1'],
        ['content-length', '7'],
      ],
      body: { size: 7, truncated: false },
    },
    response: { status: 201, body: { size: 8, truncated: false } },
  })
  expect(exchange?.response?.headers).toEqual(
    expect.arrayContaining([
      ['content-type', 'application/json'],
      ['x-two', 'a'],
      ['x-two', 'b'],
    ]),
  )
  expect(textOf(exchange?.request.body?.bytes)).toBe('{"a":1}')
  expect(guard.admitted[0]).toMatchObject({
    id: exchange?.id,
    time: exchange?.time,
    target: '/orders?a=%20b',
  })
  expect(exchange?.verdict).toBeUndefined()
  expect(exchange?.extra).toBeUndefined()
  expect(gateway.health()).toMatchObject({
    events: 1,
    lastEventAt: 1_780_000_000_000,
    address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    sees: 'full',
    perSecond: expect.any(Number),
  })
  await gateway.close(0)
})

test('a window of nothing records sizes alone', async () => {
  const { url } = await httpUpstream((request, response) => request.pipe(response))
  const guard = new RecordingGuard()
  const gateway = new Gateway(
    { host: '127.0.0.1', port: 0, upstream: url, windowBytes: 0 },
    guard,
    new ManualClock(5),
  )
  const { port } = await gateway.listen()
  await new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody').until('body')
  const [exchange] = await guard.seen(1)
  const nothing = { bytes: new Uint8Array(0), size: 4, truncated: true }
  expect([exchange?.request.body, exchange?.response?.body]).toEqual([nothing, nothing])
  await gateway.close(0)
})

test('ids are unique and sort by time', () => {
  const ids = new ExchangeIds()
  const made: string[] = []
  for (let time = 1_780_000_000_000; time < 1_780_000_000_100; time += 1) {
    for (let turn = 0; turn < 50; turn += 1) made.push(ids.next(time))
  }
  expect(new Set(made).size).toBe(5_000)
  expect([...made].sort()).toEqual(made)
  expect(new ExchangeIds().next(5).slice(-6)).not.toBe(new ExchangeIds().next(5).slice(-6))
  expect(made[0]).toMatch(/^[0-9a-z]{19}$/)
})
