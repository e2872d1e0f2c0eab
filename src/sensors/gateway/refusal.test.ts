import { afterEach, expect, test } from 'vitest'
import { closeAll, httpUpstream, RawClient, siteBefore } from './fixture.ts'
import type { RefusalShape } from './refusal.ts'

afterEach(closeAll)

const host = 'Host: shop.example\r\n'
const post = (headers: string, body = ''): string =>
  `POST /orders HTTP/1.1\r\n${host}${headers}\r\n\r\n${body}`
const get = (headers: string): string => `GET /orders HTTP/1.1\r\n${host}${headers}\r\n\r\n`
const chunks = (body: string): string => post('Transfer-Encoding: chunked', body)

const shapes: readonly (readonly [what: string, bytes: string, status: number, shape: RefusalShape])[] = [
  [
    'length, then coding',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    400,
    'length-and-chunked',
  ],
  [
    'coding, then length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
    400,
    'length-and-chunked',
  ],
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 6', 'hello'), 400, 'conflicting-length'],
  [
    'the same length twice',
    post('Content-Length: 5\r\nContent-Length: 5', 'hello'),
    400,
    'conflicting-length',
  ],
  ['a list of lengths', post('Content-Length: 5, 5', 'hello'), 400, 'conflicting-length'],
  ['a signed length', post('Content-Length: +5', 'hello'), 400, 'conflicting-length'],
  ['an empty length', post('Content-Length: '), 400, 'conflicting-length'],
  ['a length beyond counting', post('Content-Length: 99999999999999999999'), 400, 'conflicting-length'],
  ['coding gzip', post('Transfer-Encoding: gzip', '0\r\n\r\n'), 400, 'transfer-coding'],
  ['coding gzip, chunked', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'), 400, 'transfer-coding'],
  ['coding chunked, gzip', post('Transfer-Encoding: chunked, gzip', '0\r\n\r\n'), 400, 'transfer-coding'],
  ['coding xchunked', post('Transfer-Encoding: xchunked', '0\r\n\r\n'), 400, 'transfer-coding'],
  [
    'coding twice',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    400,
    'transfer-coding',
  ],
  ['coding behind a vertical tab', post('Transfer-Encoding:\x0bchunked', '0\r\n\r\n'), 400, 'bad-header'],
  [
    'coding in HTTP/1.0',
    `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'transfer-coding',
  ],
  ['folded header', get('X-A: b\r\n c'), 400, 'obs-fold'],
  ['bare LF after the request line', `GET / HTTP/1.1\n${host}\r\n`, 400, 'bad-request'],
  ['bare LF after a header', `GET / HTTP/1.1\r\nHost: shop.example\nX-A: b\r\n\r\n`, 400, 'bare-lf'],
  ['bare LF as the empty line', `GET / HTTP/1.1\r\n${host}\n`, 400, 'bad-header'],
  ['bare CR in a value', get('X-A: b\rX-B: c'), 400, 'bare-cr'],
  ['blank before the colon', get('X-A : b'), 400, 'bad-header'],
  ['NUL in a value', get('X-A: b\0c'), 400, 'bad-header'],
  ['NUL in a name', get('X\0A: b'), 400, 'bad-header'],
  ['a name that is empty', get(': b'), 400, 'bad-header'],
  ['a line without a colon', get('abc'), 400, 'bad-header'],
  ['a blank before the first header', `GET / HTTP/1.1\r\n X-A: b\r\n${host}\r\n`, 400, 'bad-request'],
  [
    'absolute form of another host',
    `GET http://other.example/ HTTP/1.1\r\n${host}\r\n`,
    400,
    'absolute-target-host',
  ],
  [
    'absolute form with user info',
    `GET http://a@shop.example/ HTTP/1.1\r\n${host}\r\n`,
    400,
    'absolute-target-host',
  ],
  ['no host', 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n', 400, 'missing-host'],
  ['two hosts', get('Host: other.example'), 400, 'duplicate-host'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n', 400, 'bad-host'],
  ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n', 400, 'bad-host'],
  ['a fragment', `GET /a#b HTTP/1.1\r\n${host}\r\n`, 400, 'bad-target'],
  ['raw bytes in the target', `GET /\xe9 HTTP/1.1\r\n${host}\r\n`, 400, 'bad-target'],
  ['the asterisk with GET', `GET * HTTP/1.1\r\n${host}\r\n`, 400, 'bad-target'],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400, 'bad-version'],
  ['HTTP/2.0 in the line', `GET / HTTP/2.0\r\n${host}\r\n`, 400, 'bad-version'],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad-request'],
  ['a method in lower case', `get / HTTP/1.1\r\n${host}\r\n`, 400, 'bad-request'],
  ['CONNECT', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', 405, 'connect'],
  ['an unknown expectation', post('Expect: a-pony\r\nContent-Length: 1', 'a'), 417, 'expectation'],
  [
    'an upgrade with a body',
    get('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3'),
    400,
    'upgrade-with-body',
  ],
  ['a head too large', get(`X-A: ${'y'.repeat(40_000)}`), 431, 'header-size'],
  ['a target beyond the parser', `GET /${'y'.repeat(40_000)} HTTP/1.1\r\n${host}\r\n`, 414, 'target-size'],
  ['a target beyond ours', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 414, 'target-size'],
  ['too many headers', get(`${'X-A: b\r\n'.repeat(300)}X-A: b`), 431, 'header-count'],
  ['chunk size ended by LF', chunks('2\nab\r\n0\r\n\r\n'), 400, 'bare-lf'],
  ['chunk extension ended by LF', chunks('2;a\nab\r\n0\r\n\r\n'), 400, 'bare-lf'],
  ['negative chunk size', chunks('-2\r\nab\r\n0\r\n\r\n'), 400, 'bad-request'],
  ['chunk size beyond counting', chunks('fffffffffffffffffff\r\nab\r\n0\r\n\r\n'), 400, 'bad-request'],
  ['blank after the chunk size', chunks('2 \r\nab\r\n0\r\n\r\n'), 400, 'bad-request'],
  ['chunk longer than its size', chunks('2\r\nabc\r\n0\r\n\r\n'), 400, 'bad-request'],
]

test('the shapes that two parsers may read differently are refused, counted and never forwarded', async () => {
  let forwarded = 0
  const { url } = await httpUpstream((request, response) => {
    // A body that turns out malformed after its head was let in ends as an aborted request here.
    request.on('end', () => {
      forwarded += 1
      response.end('reached')
    })
    request.on('error', () => undefined)
  })
  let rows = 0
  for (const [what, bytes, status, shape] of shapes) {
    const { port, gateway } = await siteBefore(url)
    const text = await new RawClient(port).send(bytes).until('"status"')
    expect(text.split('\r\n')[0], what).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(text, what).toContain('application/problem+json')
    expect(text, what).toMatch(/connection: close/i)
    expect(gateway.counters.toJSON(), what).toMatchObject({
      [`sallyport_gateway_refused_total{shape="${shape}"}`]: 1,
    })
    expect(gateway.health().rejected, what).toBe(1)
    await gateway.close(0)
    rows += 1
  }
  expect(rows).toBe(52)
  expect(forwarded).toBe(0)
})

test('shapes that only look odd pass, in one canonical form', async () => {
  const targets: string[] = []
  const { url } = await httpUpstream((request, response) => {
    targets.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers.upgrade ?? '-'}`)
    request.resume().on('end', () => response.end('ok'))
  })
  const { port } = await siteBefore(url)
  const odd = [
    [`\r\nGET /lead HTTP/1.1\r\n${host}\r\n`, 'GET /lead shop.example -'],
    [`GET http://SHOP.example/abs?x=1 HTTP/1.1\r\n${host}\r\n`, 'GET /abs?x=1 shop.example -'],
    [`GET http://shop.example?x=1 HTTP/1.1\r\n${host}\r\n`, 'GET /?x=1 shop.example -'],
    [`OPTIONS * HTTP/1.1\r\n${host}\r\n`, 'OPTIONS * shop.example -'],
    [
      `GET /h2c HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`,
      'GET /h2c shop.example -',
    ],
    [
      `POST /case HTTP/1.1\r\n${host}Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n`,
      'POST /case shop.example -',
    ],
    [`GET /v6 HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n`, 'GET /v6 [::1]:8080 -'],
  ] as const
  for (const [bytes] of odd)
    expect(await new RawClient(port).send(bytes).until('ok')).toMatch(/^HTTP\/1.1 200 /)
  expect(targets).toEqual(odd.map(([, seen]) => seen))
  expect(targets).toHaveLength(7)
})

test('a refused request with a readable head is observed with what it asked', async () => {
  const { url } = await httpUpstream((_request, response) => response.end())
  const { port, guard } = await siteBefore(url)
  await new RawClient(port).send(`GET /a HTTP/1.1\r\n${host}Host: other.example\r\n\r\n`).until('"status"')
  const [exchange] = await guard.seen(1)
  expect(guard.admitted).toEqual([])
  expect(exchange).toMatchObject({
    request: { method: 'GET', target: '/a' },
    response: { status: 400 },
    extra: { gateway: { outcome: 'refused', shape: 'duplicate-host' } },
  })
})
