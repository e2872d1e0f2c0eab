import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import {
  closeAll,
  httpUpstream,
  RawClient,
  RecordingGuard,
  rawUpstream,
  scripted,
  siteBefore,
} from './fixture.ts'

afterEach(closeAll)

const seeds = [
  'GET /a?b=1 HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  'PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
  'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
]
const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\nuntil the end',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello',
]

/** Valid messages one after the other, then a few bytes of them replaced, removed or put in. */
const mutated = (valid: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...valid), { minLength: 1, maxLength: 4 }),
      fc.array(
        fc.record({
          at: fc.nat(400),
          remove: fc.nat(6),
          insert: fc.constantFrom(
            '',
            '\r',
            '\n',
            '\r\n',
            '\0',
            ' ',
            ':',
            '\t',
            'x',
            '0',
            'ffff',
            '\xff',
            '\r\n\r\n',
          ),
        }),
        { maxLength: 3 },
      ),
    )
    .map(([messages, edits]) => {
      let text = messages.join('')
      for (const { at, remove, insert } of edits) {
        const from = at % (text.length + 1)
        text = text.slice(0, from) + insert + text.slice(from + remove)
      }
      return text
    })

test('whatever a client sends, every exchange is recorded once and the next client is served', async () => {
  const { url } = await httpUpstream((request, response) => {
    request.on('error', () => undefined)
    request.resume().on('end', () => response.end('ok'))
  })
  const { port, guard, gateway } = await siteBefore(url)
  await fc.assert(
    fc.asyncProperty(mutated(seeds), async text => {
      const client = new RawClient(port).send(text)
      client.socket.end()
      await client.closed
    }),
    { numRuns: 200 },
  )
  expect(await new RawClient(port).send(seeds[0]!).until('ok')).toContain('HTTP/1.1 200 OK')
  await gateway.close(1_000)
  const counters = gateway.counters.toJSON()
  const connects = guard.exchanges.filter(exchange => exchange.request.method === 'CONNECT').length
  expect(guard.exchanges).toHaveLength(counters.sallyport_gateway_requests_total! + connects)
  expect(new Set(guard.exchanges.map(exchange => exchange.id)).size).toBe(guard.exchanges.length)
})

test('whatever an upstream answers, the client gets an answer or an end, and it is recorded once', async () => {
  let answer = ''
  const { url } = await rawUpstream(scripted(socket => socket.end(answer, 'latin1')))
  const guard = new RecordingGuard()
  const { port } = await siteBefore(url, {}, guard)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(mutated(answers), async text => {
      answer = text
      runs += 1
      const client = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      const got = await client.untilClosed()
      // Nothing at all where the upstream broke off before the head it had sent was on its way.
      expect(got).toMatch(/^(?:HTTP\/1\.1 \d{3} |$)/)
      await guard.seen(runs)
      expect(guard.exchanges).toHaveLength(runs)
    }),
    { numRuns: 200 },
  )
  expect(runs).toBeGreaterThanOrEqual(200)
})
