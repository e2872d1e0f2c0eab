import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inShort, Talk, taken } from './fixture.ts'

const ok = (body: string, more = '') =>
  `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n${more}\r\n`
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: shop.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3;x=y\r\nefg\r\n0\r\nGrpc-Status: 0\r\n\r\n'

describe('a connection in HTTP/1.1', () => {
  const rows: readonly (readonly [string, Talk, readonly string[]])[] = [
    ['a call', new Talk().open().client(get('/a')).server(ok('hello')).close(), ['GET /a 200 5']],
    [
      'a call in tiny pieces',
      new Talk().open().client(get('/a'), 1).server(ok('hello'), 1).close(),
      ['GET /a 200 5'],
    ],
    [
      'calls one after the other',
      new Talk().open().client(get('/a')).server(ok('1')).client(post('/b', 'body')).server(ok('22')).close(),
      ['GET /a 200 1', 'POST /b +4 200 2'],
    ],
    [
      'calls at once',
      new Talk()
        .open()
        .client(get('/a') + get('/b') + get('/c'))
        .server(ok('1') + ok('22'))
        .server(ok('333'))
        .close(),
      ['GET /a 200 1', 'GET /b 200 2', 'GET /c 200 3'],
    ],
    ['chunks', new Talk().open().client(get('/a')).server(chunked, 5).close(), ['GET /a 200 7']],
    [
      'answers without a body',
      new Talk()
        .open()
        .client('HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n')
        .server('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n')
        .client(get('/n'))
        .server('HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n')
        .client(get('/c'))
        .server('HTTP/1.1 204 No Content\r\n\r\n')
        .close(),
      ['HEAD /h 200 0', 'GET /n 304 0', 'GET /c 204 0'],
    ],
    [
      'an answer that its connection ends',
      new Talk().open().client(get('/a')).server('HTTP/1.0 200 OK\r\n\r\nsome text').close(),
      ['GET /a 200 9'],
    ],
    [
      'a question before a body',
      new Talk()
        .open()
        .client('PUT /f HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
        .server('HTTP/1.1 100 Continue\r\n\r\n')
        .client('data')
        .server('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
        .server(ok('done'))
        .close(),
      ['PUT /f +4 200 4'],
    ],
    [
      'an answer before the whole body',
      new Talk()
        .open()
        .client('POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nda')
        .server('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n')
        .client('ta')
        .close(),
      ['POST /f +4 413 0'],
    ],
    ['no answer', new Talk().open().client(get('/a')).reset(), ['GET /a -']],
    [
      'half an answer',
      new Talk().open().client(get('/a')).server(ok('hello').slice(0, -2)).reset(),
      ['GET /a 200 3…'],
    ],
    [
      'an answer without a question',
      new Talk().server(ok('x')).client(get('/b')).server(ok('yy')).close(),
      ['GET /b 200 2'],
    ],
    ['a connection that had begun', new Talk().client(get('/a')).server(ok('hello')), ['GET /a 200 5']],
    [
      'an upgrade to something else',
      new Talk()
        .open()
        .client(get('/u', 'Connection: Upgrade\r\nUpgrade: tic\r\n'))
        .server('HTTP/1.1 101 Switching Protocols\r\nUpgrade: tic\r\n\r\n')
        .client('GET /not HTTP/1.1\r\n\r\n')
        .close(),
      ['GET /u 101 0'],
    ],
    [
      'a tunnel',
      new Talk()
        .open()
        .client('CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example:5432\r\n\r\n')
        .server('HTTP/1.1 200 OK\r\n\r\n')
        .client('GET /not HTTP/1.1\r\n\r\n')
        .close(),
      ['CONNECT db.example:5432 200 0'],
    ],
    [
      'a target with spaces',
      new Talk().open().client(get("/a?q=1' OR 1=1")).server(ok('')).close(),
      ["GET /a?q=1' OR 1=1 200 0"],
    ],
    [
      'a target with a scheme',
      new Talk().open().client(get('http://other.example/a?b')).server(ok('')).close(),
      ['GET /a?b 200 0'],
    ],
  ]
  it.each(rows)('is read: %s', (_, talk, calls) => {
    const { calls: found, flows, intake } = taken(talk.packets)
    expect(found.map(inShort)).toEqual(calls)
    expect([flows, intake.held]).toEqual([[], 0])
  })
  it('was read in all forms of the table', () => expect(rows).toHaveLength(17))

  it('says who asked whom, when, and what came back', () => {
    const talk = new Talk().open().client(post('/orders', '{"a":1}')).wait(41).server(chunked).close()
    const [call] = taken(talk.packets).calls
    expect(call).toEqual({
      id: 'c1',
      time: 1_796_000_000_004,
      durationMs: 42,
      source: { ip: '10.0.0.1', port: 40_000 },
      destination: { host: 'shop.example', ip: '10.0.0.2', port: 8_080 },
      request: {
        method: 'POST',
        target: '/orders',
        httpVersion: '1.1',
        headers: [
          ['host', 'shop.example'],
          ['content-length', '7'],
        ],
        body: { bytes: Buffer.from('{"a":1}'), size: 7, truncated: false },
      },
      response: {
        status: 200,
        headers: [
          ['transfer-encoding', 'chunked'],
          ['grpc-status', '0'],
        ],
        body: { bytes: Buffer.from('abcdefg'), size: 7, truncated: false },
      },
    })
  })

  it('keeps a window of each body and tells its whole size', () => {
    const { calls } = taken(
      new Talk()
        .open()
        .client(post('/a', 'x'.repeat(5_000)))
        .server(ok('y'.repeat(3_000))).packets,
      { bodyBytes: 1_000 },
    )
    expect(
      calls.map(({ request, response }) => [
        request.body?.size,
        request.body?.bytes.length,
        request.body?.truncated,
        response?.body?.size,
        response?.body?.bytes.length,
      ]),
    ).toEqual([[5_000, 1_000, true, 3_000, 1_000]])
  })

  it('says where framing can be read in two ways', () => {
    const twice =
      'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n'
    const { calls } = taken(new Talk().open().client(twice).server(ok('')).packets)
    expect(calls.map(call => [inShort(call), call.extra])).toEqual([
      ['POST /a +2 200 0', { capture: { ambiguousFraming: true } }],
    ])
  })

  it('tells the messages of a WebSocket with the call that opened it', () => {
    const frame = (text: string, mask: boolean) =>
      Buffer.concat([
        Buffer.from([0x81, text.length | (mask ? 0x80 : 0)]),
        ...(mask ? [Buffer.alloc(4)] : []),
        Buffer.from(text),
      ])
    const talk = new Talk()
      .open()
      .client(get('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'))
      .server('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      .client(frame('{"a":1}', true))
      .server(frame('hello', false))
      .close()
    const { calls } = taken(talk.packets)
    expect(calls.map(call => [inShort(call), call.messages?.map(({ sent, text }) => [sent, text])])).toEqual([
      [
        'GET /ws 101 0',
        [
          [true, '{"a":1}'],
          [false, 'hello'],
        ],
      ],
    ])
  })
})

describe('a lossy capture', () => {
  const without = (talk: Talk, ...lost: number[]) =>
    taken(talk.packets.filter((_, index) => !lost.includes(index)))

  it('bears a gap within a body', () => {
    const talk = new Talk()
      .open()
      .client(get('/a'))
      .server(ok('x'.repeat(500)), 100)
      .client(get('/b'))
      .server(ok('y'))
    expect(without(talk, 6).calls.map(inShort)).toEqual(['GET /a 200 500…', 'GET /b 200 1'])
  })

  it('gives no answer to another request', () => {
    const talk = new Talk().open()
    for (const path of ['/a', '/b', '/c']) talk.client(get(path)).server(ok(path)).wait(1_000)
    const rows: readonly (readonly [number, readonly string[]])[] = [
      [3, ['GET /b 200 2', 'GET /c 200 2']],
      [4, ['GET /a -', 'GET /b 200 2', 'GET /c 200 2']],
      [5, ['GET /a 200 2', 'GET /c 200 2']],
      [6, ['GET /a 200 2', 'GET /b -', 'GET /c 200 2']],
      [7, ['GET /a 200 2', 'GET /b 200 2']],
      [8, ['GET /a 200 2', 'GET /b 200 2', 'GET /c -']],
    ]
    for (const [lost, calls] of rows) expect(without(talk, lost).calls.map(inShort)).toEqual(calls)
  })

  it('never pairs wrongly, whatever was lost', () => {
    let answered = 0
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), kept => {
        const talk = new Talk().open()
        for (let call = 0; call < 6; call += 1)
          talk
            .client(post(`/${call}`, 'b'.repeat(40)), 60)
            .server(ok(String(call).repeat(60), `X-For: ${call}\r\n`), 50)
            .wait(500)
        const { calls, intake } = taken(
          talk.packets.filter((_, index) => index < 3 || kept[index % 40] === true),
        )
        for (const { request, response } of calls) {
          const answer = response?.headers.find(([name]) => name === 'x-for')?.[1]
          if (answer === undefined) continue
          answered += 1
          expect(`/${answer}`).toBe(request.target)
        }
        expect(intake.held).toBe(0)
      }),
      { numRuns: 400 },
    )
    expect(answered).toBeGreaterThan(100)
  })
})

describe('what is no HTTP', () => {
  const rows: readonly (readonly [string, Talk])[] = [
    [
      'a database',
      new Talk({ serverPort: 5_432 })
        .open()
        .client(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
        .server('S')
        .close(),
    ],
    [
      'a mail server',
      new Talk({ serverPort: 25 }).open().server('220 mail.example ESMTP\r\n').client('EHLO x\r\n').close(),
    ],
    [
      'a bus',
      new Talk({ serverPort: 4_222 })
        .open()
        .client('CONNECT {"verbose":false}\r\nPING\r\n')
        .server('PONG\r\n')
        .close(),
    ],
    ['nothing but a beginning', new Talk({ serverPort: 9 }).open().client('GE').close()],
  ]
  it.each(rows)('becomes a flow: %s', (_, talk) => {
    const { calls, flows } = taken(talk.packets)
    expect(calls).toEqual([])
    expect(
      flows.map(({ workload, peer, direction, protocol }) => [workload.name, peer, direction, protocol]),
    ).toEqual([['10.0.0.1', { ip: '10.0.0.2', port: talk.ends.to[1] }, 'egress', 'tcp']])
  })
  it('was tried in all forms of the table', () => expect(rows).toHaveLength(4))

  it('is told again while it goes on, each byte once', () => {
    const talk = new Talk({ serverPort: 5_432 }).open()
    for (let minute = 0; minute < 3; minute += 1) talk.client(Buffer.alloc(100, 1)).wait(61_000)
    expect(taken(talk.packets).flows.map(({ bytes }) => bytes)).toEqual([200, 100])
  })

  it('is nothing where nothing was said', () => {
    expect(taken(new Talk().open().close().packets)).toMatchObject({ calls: [], flows: [] })
  })
})

describe('a hostile connection', () => {
  const limits = { headBytes: 2_000, pipelined: 8, headerCount: 16 }
  const flood = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join('')
  const rows: readonly (readonly [string, Talk, readonly string[], RegExp])[] = [
    [
      'a head without end',
      new Talk().open().client(`GET /a HTTP/1.1\r\nX: ${'y'.repeat(9_000)}`),
      [],
      /a head is longer than 2000 bytes/,
    ],
    [
      'more requests than answers',
      new Talk().open().client(get('/a').repeat(20)),
      Array(8).fill('GET /a -'),
      /more than 8 requests without an answer/,
    ],
    [
      'chunks that are none',
      new Talk()
        .open()
        .client(get('/a'))
        .server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      ['GET /a 200 0…'],
      /a chunked body is not well formed/,
    ],
    [
      'a length that is none',
      new Talk().open().client(get('/a')).server('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'),
      ['GET /a -'],
      /a length is no number/,
    ],
    [
      'a length of more than there is',
      new Talk()
        .open()
        .client(get('/a'))
        .server('HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nabc'),
      ['GET /a 200 3…'],
      /^$/,
    ],
    [
      'endless chunks',
      new Talk()
        .open()
        .client(get('/a'))
        .server(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(3_000)}`),
      ['GET /a 200 3000…'],
      /^$/,
    ],
  ]
  it.each(rows)('is bounded and told: %s', (_, talk, calls, told) => {
    const { calls: found, intake } = taken(talk.packets, limits)
    expect(found.map(inShort)).toEqual(calls)
    expect(intake.counts.explain().join(' ')).toMatch(told)
    expect(intake.held).toBe(0)
  })
  it('was tried in all ways of the table', () => expect(rows).toHaveLength(6))

  it('has no more headers than the bound', () => {
    const { calls } = taken(
      new Talk()
        .open()
        .client(`GET /a HTTP/1.1\r\n${flood(80)}\r\n`)
        .server(ok('')).packets,
      limits,
    )
    expect(calls.map(({ request }) => request.headers.length)).toEqual([16])
  })

  it('holds no more than it may, with all that it holds given back', () => {
    const talks = Array.from({ length: 200 }, (_, index) =>
      new Talk({ clientPort: 1_000 + index }).open().client(post('/a', 'x'.repeat(3_000)).slice(0, -1)),
    )
    const { calls, intake } = taken(
      talks.flatMap(talk => talk.packets),
      { heldBytes: 100_000 },
    )
    expect([calls.length, intake.held, intake.counts.unheldBytes > 0]).toEqual([200, 0, true])
    expect(
      calls.reduce((sum, { request }) => sum + (request.body?.bytes.length ?? 0), 0),
    ).toBeLessThanOrEqual(100_000)
  })

  it('never makes it throw, whatever it says', () => {
    const words = [
      'GET / HTTP/1.1\r\n',
      'HTTP/1.1 200 OK\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      '\r\n',
      '5\r\nhello\r\n',
      '0\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01',
      '\0\0\x04\x01\x04\0\0\0\x01\x82\x84\x86\x41',
      'x',
      '\n',
      'HTTP/1.1 100 C\r\n\r\n',
    ]
    const said = fc.tuple(
      fc.boolean(),
      fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 })),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
    )
    let packets = 0
    fc.assert(
      fc.property(fc.array(said, { maxLength: 30 }), list => {
        const talk = new Talk().open()
        for (const [client, text, size] of list) client ? talk.client(text, size) : talk.server(text, size)
        const kept = talk.packets.filter((_, index) => list[index]?.[3] !== false)
        packets += kept.length
        expect(
          taken(kept, { headBytes: 100, bodyBytes: 50, heldBytes: 500, pipelined: 3, streams: 2 }).intake
            .held,
        ).toBe(0)
      }),
      { numRuns: 600 },
    )
    expect(packets).toBeGreaterThan(3_000)
  })
})
