import { afterEach, expect, test } from 'vitest'
import type { RawBody } from '../../call/raw-exchange.ts'
import { type Admission, type AmendVerdict, type GuardedResponse, pass, type Verdict } from '../guard.ts'
import {
  blockVerdict,
  closeAll,
  httpUpstream,
  needsNothing,
  RawClient,
  RecordingGuard,
  type Site,
  siteBefore,
  textOf,
} from './fixture.ts'

afterEach(closeAll)

/** A gateway whose guard answers as given, before an upstream that counts what reaches it and echoes bodies. */
async function guarded(
  answer: Partial<Admission>,
  windowBytes = 65_536,
): Promise<Site & { reached: string[] }> {
  const reached: string[] = []
  const { url } = await httpUpstream((request, response) => {
    reached.push(request.url ?? '')
    response.writeHead(200, { 'x-from': 'upstream' })
    request.pipe(response)
    request.on('error', () => undefined)
  })
  const site = await siteBefore(url, { windowBytes }, new RecordingGuard(() => answer))
  return { ...site, reached }
}

const verdictRecord = { decisionId: 'd-1', action: 'block', policy: 'no-bulk' }

test('a block at the head answers for the upstream', async () => {
  const { url, guard, reached, gateway } = await guarded({ verdict: blockVerdict })
  const response = await fetch(`${url}/secret`)
  expect(response.status).toBe(403)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toEqual({
    type: 'urn:sallyport:error:request:blocked',
    title: 'This request is not allowed.',
    status: 403,
    decisionId: 'd-1',
  })
  expect(reached).toEqual([])
  expect((await guard.seen(1))[0]).toMatchObject({
    verdict: verdictRecord,
    response: { status: 403 },
    extra: { gateway: { outcome: 'request-withheld' } },
  })
  expect(gateway.counters.get('sallyport_gateway_withheld_total{action="block"}')).toBe(1)
})

test('a throttle is 429 with a time to come back', async () => {
  const throttle: Verdict = {
    ...blockVerdict,
    action: 'throttle',
    status: 429,
    retryAfterSeconds: 7,
  } as Verdict
  const { url, guard } = await guarded({ verdict: throttle })
  const response = await fetch(url)
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('7')
  expect(await response.json()).toMatchObject({
    type: 'urn:sallyport:error:limit:exceeded',
    decisionId: 'd-1',
  })
  expect((await guard.seen(1))[0]?.verdict?.action).toBe('throttle')
})

test('a blocked HEAD has no body and keeps its connection in step', async () => {
  const { port, guard } = await guarded({ verdict: blockVerdict })
  const client = new RawClient(port).send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  await guard.seen(1)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await guard.seen(2)
  expect(await client.until('"decisionId"')).toMatch(/^HTTP\/1.1 403 (?:.+\r\n)+\r\nHTTP\/1.1 403 /)
})

test('the small body of a blocked request is dropped and its connection stays', async () => {
  const { port, reached } = await guarded({ verdict: blockVerdict })
  const body = 'GET /smuggled HTTP/1.1\r\n\r\n'
  const post = `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const client = new RawClient(port).send(post)
  await client.until('"decisionId"')
  client.send('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = await client.until(/"decisionId"[\s\S]*"decisionId"/)
  expect(text.match(/HTTP\/1.1 403/g)).toHaveLength(2)
  expect(reached).toEqual([])
})

test('behind the large body of a blocked request the connection is closed, the answer having been read', async () => {
  const { port, guard } = await guarded({ verdict: blockVerdict })
  const client = new RawClient(port).send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n')
  await client.until('"decisionId"')
  // A client that does not look up before it has sent a lot.
  client.socket.write(Buffer.alloc(8_000_000))
  const text = await client.untilClosed()
  expect(text).toMatch(/^HTTP\/1.1 403 [\s\S]*connection: close/i)
  expect(text).toContain('"decisionId":"d-1"}')
  expect(await guard.seen(1)).toHaveLength(1)
})

test('a block decided on the body comes before anything is forwarded', async () => {
  const bodies: RawBody[] = []
  const decideBody = (body: RawBody): Verdict => {
    bodies.push(body)
    return textOf(body.bytes).includes('attack') ? blockVerdict : pass
  }
  const { url, guard, reached } = await guarded({ needs: { ...needsNothing, requestBody: true }, decideBody })
  expect((await fetch(`${url}/bad`, { method: 'POST', body: 'an attack' })).status).toBe(403)
  expect(reached).toEqual([])
  const good = await fetch(`${url}/good`, { method: 'POST', body: 'a visit' })
  expect(await good.text()).toBe('a visit')
  expect((await fetch(`${url}/none`)).status).toBe(200)
  expect(reached).toEqual(['/good', '/none'])
  expect(bodies.map(body => [textOf(body.bytes), body.size, body.truncated])).toEqual([
    ['an attack', 9, false],
    ['a visit', 7, false],
    ['', 0, false],
  ])
  expect((await guard.seen(3))[0]).toMatchObject({
    verdict: verdictRecord,
    request: { body: { size: 9, truncated: false } },
  })
})

test('a body larger than the window is decided on the window, then streamed', async () => {
  const bodies: RawBody[] = []
  const decideBody = (body: RawBody): Verdict => {
    bodies.push({ ...body, bytes: body.bytes.slice() })
    return pass
  }
  const { port, url } = await guarded({ needs: { ...needsNothing, requestBody: true }, decideBody }, 1_000)
  const body = Buffer.alloc(300_000, 'abc')
  const response = await fetch(url, { method: 'POST', body })
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
  expect(bodies[0]).toMatchObject({ size: 300_000, truncated: true })
  expect(bodies[0]?.bytes).toHaveLength(1_000)
  const client = new RawClient(port).send(
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${'x'.repeat(1_000)}\r\n`,
  )
  await client.until('xx')
  client.send('2\r\nyy\r\n0\r\n\r\n')
  expect(await client.until('yy')).toContain('HTTP/1.1 200')
  // Nothing but the end of the body could have told that it was complete.
  expect(bodies[1]).toMatchObject({ size: 1_000, truncated: true })
})

test('the gateway asks for the body itself when a decision waits for it', async () => {
  const { port } = await guarded({
    needs: { ...needsNothing, requestBody: true },
    decideBody: () => blockVerdict,
  })
  const client = new RawClient(port).send(
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
  )
  await client.until('100 Continue')
  expect(await client.send('body').until('"decisionId"')).toMatch(/100 Continue\r\n\r\nHTTP\/1.1 403/)
})

test('a client that waits for 100-continue is refused without its body', async () => {
  const { port } = await guarded({ verdict: blockVerdict })
  const client = new RawClient(port).send(
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
  )
  expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 403 [\s\S]*connection: close/i)
})

test('a response is withheld by its head, and recorded as it was', async () => {
  const heads: GuardedResponse[] = []
  const decideResponse = (response: GuardedResponse, body: RawBody | undefined): Verdict => {
    heads.push(response)
    expect(body).toBeUndefined()
    return blockVerdict
  }
  const { url, guard } = await guarded({ needs: { ...needsNothing, response: true }, decideResponse })
  const response = await fetch(url, { method: 'POST', body: 'the secret' })
  expect(response.status).toBe(403)
  expect(response.headers.get('x-from')).toBeNull()
  expect(await response.text()).not.toContain('secret')
  expect(heads[0]?.status).toBe(200)
  expect(heads[0]?.headers).toContainEqual(['x-from', 'upstream'])
  expect((await guard.seen(1))[0]).toMatchObject({
    verdict: verdictRecord,
    response: { status: 200 },
    extra: { gateway: { outcome: 'response-withheld' } },
  })
})

test('a response is withheld by its body, whole or by its window', async () => {
  const bodies: RawBody[] = []
  const decideResponse = (_response: GuardedResponse, body: RawBody | undefined): Verdict => {
    if (body !== undefined) bodies.push(body)
    return textOf(body?.bytes).startsWith('secret') ? blockVerdict : pass
  }
  const needs = { requestBody: false, response: true, responseBody: true }
  const { url, guard, gateway } = await guarded({ needs, decideResponse }, 1_000)
  const withheld = await fetch(url, { method: 'POST', body: 'secret' })
  expect(withheld.status).toBe(403)
  const large = await fetch(url, { method: 'POST', body: `secret${'x'.repeat(500_000)}` })
  expect(large.status).toBe(403)
  expect(await large.text()).not.toContain('xxx')
  const open = await fetch(url, { method: 'POST', body: `public${'x'.repeat(500_000)}` })
  expect(await open.text()).toBe(`public${'x'.repeat(500_000)}`)
  expect(await (await fetch(url)).text()).toBe('')
  expect(bodies.map(body => [body.bytes.length, body.truncated])).toEqual([
    [6, false],
    [1_000, true],
    [1_000, true],
    [0, false],
  ])
  const exchanges = await guard.seen(4)
  expect(textOf(exchanges[0]?.response?.body?.bytes)).toBe('secret')
  expect(exchanges.map(exchange => exchange.verdict?.action)).toEqual([
    'block',
    'block',
    undefined,
    undefined,
  ])
  expect(exchanges.map(exchange => exchange.response?.status)).toEqual([200, 200, 200, 200])
  expect(gateway.counters.get('sallyport_gateway_withheld_total{action="block"}')).toBe(2)
})

const amend = (more: Partial<AmendVerdict>): AmendVerdict => ({
  action: 'amend',
  decisionId: 'd-2',
  policy: 'mask-cards',
  ...more,
})

/** What an upstream was sent: its head's lines and its body. */
async function amendingRequest(
  answer: Partial<Admission>,
  request: string,
  windowBytes = 65_536,
): Promise<Site & { lines: string[]; body: string; trailers: unknown }> {
  const seen = { lines: [] as string[], body: '', trailers: undefined as unknown }
  const { url } = await httpUpstream((message, response) => {
    for (let index = 0; index < message.rawHeaders.length; index += 2)
      seen.lines.push(`${message.rawHeaders[index]}: ${message.rawHeaders[index + 1]}`)
    message.on('data', chunk => {
      seen.body += chunk
    })
    message.on('end', () => {
      seen.trailers = message.trailers
      response.end('ok')
    })
  })
  const site = await siteBefore(url, { windowBytes }, new RecordingGuard(() => answer))
  await new RawClient(site.port).send(request).until('ok')
  return { ...site, ...seen }
}

test('an amendment sets headers of the request in place of those of that name', async () => {
  const verdict = amend({
    headers: [
      ['x-risk', 'high'],
      ['x-note', 'a\r\nX-Forged: 1'],
      ['bad name', 'b'],
      ['content-length', '99'],
      ['transfer-encoding', 'chunked'],
    ],
  })
  const { lines, body, guard, gateway } = await amendingRequest(
    { verdict },
    'POST / HTTP/1.1\r\nHost: a\r\nX-Risk: none\r\nx-risk: low\r\nContent-Length: 4\r\n\r\nbody',
  )
  expect(lines.filter(line => /^x-risk/i.test(line))).toEqual(['x-risk: high'])
  expect(lines.join('\n')).not.toMatch(/forged|bad name|99|chunked/i)
  expect(body).toBe('body')
  const [exchange] = await guard.seen(1)
  expect(exchange?.verdict).toEqual({ decisionId: 'd-2', action: 'amend', policy: 'mask-cards' })
  expect(exchange?.request.headers).toContainEqual(['x-risk', 'none'])
  expect(exchange?.request.headers).not.toContainEqual(['x-risk', 'high'])
  expect(exchange?.extra).toBeUndefined()
  expect(gateway.counters.get('sallyport_gateway_amended_total{phase="request"}')).toBe(1)
})

const replaced: readonly (readonly [what: string, head: string, body: string])[] = [
  ['by length', 'Content-Encoding: gzip\r\nContent-Length: 9\r\n', '{"a":"bc"}'.slice(0, 9)],
  ['chunked', 'Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n', '9\r\n{"a":"bc"\r\n0\r\nX-Sum: 1\r\n\r\n'],
]

test('an amendment replaces the body of the request, however that was delimited', async () => {
  let rows = 0
  for (const [what, head, body] of replaced) {
    const answer = {
      needs: { ...needsNothing, requestBody: true },
      decideBody: () => amend({ body: Buffer.from('{}'), headers: [['x-stripped', '1']] }),
    }
    const seen = await amendingRequest(answer, `POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n${body}`)
    expect(seen.body, what).toBe('{}')
    expect(seen.trailers, what).toEqual({})
    expect(seen.lines, what).toContain('Content-Length: 2')
    expect(seen.lines, what).toContain('x-stripped: 1')
    expect(seen.lines.join('\n'), what).not.toMatch(/encoding|trailer/i)
    const [exchange] = await seen.guard.seen(1)
    expect(textOf(exchange?.request.body?.bytes), what).toBe('{"a":"bc"')
    rows += 1
  }
  expect(rows).toBe(2)
})

test('a body that went beyond the window is not replaced, and that is counted', async () => {
  const answer = {
    needs: { ...needsNothing, requestBody: true },
    decideBody: () => amend({ body: Buffer.from('{}') }),
  }
  const { body, gateway } = await amendingRequest(
    answer,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n12345678',
    4,
  )
  expect(body).toBe('12345678')
  expect(gateway.counters.get('sallyport_gateway_bodies_unamended_total')).toBe(1)
})

test('an amendment masks the answer; the record keeps what the upstream said', async () => {
  const { url } = await httpUpstream((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-md5', 'x')
    if (request.url === '/chunked') {
      response.setHeader('trailer', 'x-sum')
      response.write('{"card":')
      response.write('"4111"}')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    } else response.end('{"card":"4111"}')
  })
  const guard = new RecordingGuard(() => ({
    needs: { requestBody: false, response: true, responseBody: true },
    decideResponse: (_response, body) =>
      amend({
        headers: [['x-masked', 'card']],
        body: Buffer.from(textOf(body?.bytes).replace('4111', '***')),
      }),
  }))
  const { port } = await siteBefore(url, {}, guard)
  const client = new RawClient(port)
  for (const [turn, path] of ['/length', '/chunked'].entries()) {
    client.text = ''
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const text = await client.until('"}')
    expect(text, path).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n\{"card":"\*\*\*"\}$/)
    expect(text, path).toMatch(/\r\nContent-Length: 14\r\n/)
    expect(text, path).toMatch(/\r\nx-masked: card\r\n/)
    expect(text, path).not.toMatch(/md5|transfer-encoding|trailer|x-sum/i)
    const exchange = (await guard.seen(turn + 1))[turn]
    expect(textOf(exchange?.response?.body?.bytes), path).toBe('{"card":"4111"}')
    expect(exchange?.response?.headers.map(([name]) => name)).not.toContain('x-masked')
    expect(exchange?.verdict?.action).toBe('amend')
  }
})

test('an answer without a body takes the headers of an amendment and no body', async () => {
  const { url } = await httpUpstream((_request, response) => response.writeHead(204).end())
  const guard = new RecordingGuard(() => ({
    needs: { requestBody: false, response: true, responseBody: true },
    decideResponse: () => amend({ headers: [['x-masked', '1']], body: Buffer.from('{}') }),
  }))
  const { port } = await siteBefore(url, {}, guard)
  const client = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = await client.until('\r\n\r\n')
  expect(text).toMatch(/^HTTP\/1\.1 204 [\s\S]*x-masked: 1\r\n/)
  expect(text).not.toMatch(/\{\}|content-length/i)
})
