import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { closeAll, httpUpstream, RawClient, rawUpstream, scripted, siteBefore, textOf } from './fixture.ts'

afterEach(closeAll)

const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n${headers}\r\n`

test('both sides keep their connections', async () => {
  const ports = new Set<number | undefined>()
  const { url } = await httpUpstream((request, response) => {
    ports.add(request.socket.remotePort)
    response.end('ok')
  })
  const { port, guard, gateway } = await siteBefore(url)
  const client = new RawClient(port)
  for (let turn = 1; turn <= 5; turn += 1) {
    client.send(get(`/${turn}`))
    await guard.seen(turn)
  }
  expect(ports.size).toBe(1)
  await client.until(/(?:HTTP\/1\.1 200[\s\S]*?){5}/)
  expect(client.text.match(/HTTP\/1\.1 200/g)).toHaveLength(5)
  expect(guard.exchanges.map(exchange => exchange.request.target)).toEqual(['/1', '/2', '/3', '/4', '/5'])
  const ids = guard.exchanges.map(exchange => exchange.id)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(5)
  expect(gateway.health()).toMatchObject({ state: 'running', events: 5, dropped: 0, rejected: 0 })
})

test('pipelined requests are answered in order over one upstream connection at a time', async () => {
  let open = 0
  let most = 0
  const { url } = await httpUpstream((request, response) => {
    open += 1
    most = Math.max(most, open)
    setImmediate(() => {
      open -= 1
      response.end(`<${request.url}>`)
    })
  })
  const { port, guard } = await siteBefore(url)
  const client = new RawClient(port).send(Array.from({ length: 10 }, (_, n) => get(`/${n}`)).join(''))
  const text = await client.until('</9>')
  expect(text.match(/<\/\d>/g)).toEqual(Array.from({ length: 10 }, (_, n) => `</${n}>`))
  expect(most).toBe(1)
  await guard.seen(10)
})

test('too deep a pipeline closes the connection and is counted', async () => {
  const { url } = await httpUpstream((_request, response) => setImmediate(() => response.end('ok')))
  const { port, gateway } = await siteBefore(url)
  await new RawClient(port).send(get('/').repeat(200)).untilClosed()
  expect(gateway.counters.get('sallyport_gateway_pipelining_refused_total')).toBeGreaterThan(0)
})

test('100 MB stream through both ways while memory stays bounded', async () => {
  const size = 100 * 1024 * 1024
  const piece = randomBytes(1024 * 1024)
  const { url } = await httpUpstream((request, response) => {
    response.writeHead(200, { 'content-length': request.headers['content-length'] ?? '0' })
    request.pipe(response)
  })
  const { port, guard } = await siteBefore(url)
  const sent = createHash('sha256')
  const received = createHash('sha256')
  const before = process.memoryUsage().rss
  let peak = before
  let bytes = 0
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(
      { port, host: '127.0.0.1', method: 'POST', path: '/', headers: { 'content-length': size } },
      response => {
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          received.update(chunk)
          peak = Math.max(peak, process.memoryUsage.rss())
        })
        response.on('end', resolve)
      },
    )
    request.on('error', reject)
    let left = size / piece.length
    const more = (): void => {
      while (left > 0) {
        left -= 1
        sent.update(piece)
        if (!request.write(piece)) {
          request.once('drain', more)
          return
        }
      }
      request.end()
    }
    more()
  })
  expect(bytes).toBe(size)
  expect(received.digest('hex')).toBe(sent.digest('hex'))
  // Client, gateway and upstream share this process; the bodies alone would be 200 MB.
  expect(peak - before).toBeLessThan(120 * 1024 * 1024)
  const [exchange] = await guard.seen(1)
  expect(exchange?.request.body).toMatchObject({ size, truncated: true })
  expect(exchange?.request.body?.bytes).toHaveLength(65_536)
  expect(exchange?.response?.body).toMatchObject({ size, truncated: true })
  expect(exchange?.response?.body?.bytes).toHaveLength(65_536)
})

test('a client that does not read holds the upstream back', async () => {
  let written = 0
  const total = 64 * 1024 * 1024
  const piece = Buffer.alloc(64 * 1024, 120)
  let stalled: () => void = () => undefined
  const whenStalled = new Promise<void>(resolve => {
    stalled = resolve
  })
  const { url } = await httpUpstream((_request, response) => {
    response.writeHead(200, { 'content-length': total })
    const more = (): void => {
      while (written < total) {
        written += piece.length
        if (!response.write(piece)) {
          response.once('drain', more)
          // Nobody drains a full chain of buffers: once no drain follows a long run of turns, it is stalled.
          const at = written
          let turns = 2_000
          const look = (): void => {
            if (written !== at) return
            turns -= 1
            if (turns === 0) stalled()
            else setImmediate(look)
          }
          look()
          return
        }
      }
      response.end()
    }
    more()
  })
  const { port } = await siteBefore(url)
  const client = new RawClient(port)
  client.socket.pause()
  client.send(get('/'))
  await whenStalled
  expect(written).toBeLessThan(total / 2)
  let read = 0
  client.socket.removeAllListeners('data')
  await new Promise<void>(resolve => {
    client.socket.on('data', chunk => {
      read += chunk.length
      if (read >= total) resolve()
    })
    client.socket.resume()
  })
  expect(written).toBe(total)
})

test('chunked bodies and trailers go both ways', async () => {
  let seen: unknown
  const { url } = await httpUpstream((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      seen = {
        body,
        trailers: request.trailers,
        coding: request.headers['transfer-encoding'],
        te: request.headers.te,
      }
      response.writeHead(200, { trailer: 'X-Sum' })
      response.write('one')
      response.write('two')
      response.addTrailers({ 'X-Sum': '6', 'X-Sallyport-Decision': 'forged' })
      response.end()
    })
  })
  const { port, guard } = await siteBefore(url)
  const client = new RawClient(port).send(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\nConnection: TE\r\nTrailer: X-In\r\n\r\n' +
      '3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nX-In: yes\r\nAuthorization: forged\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n',
  )
  const text = await client.until('X-Sum: 6\r\n\r\n')
  expect(seen).toEqual({ body: 'abcde', trailers: { 'x-in': 'yes' }, coding: 'chunked', te: 'trailers' })
  expect(text).toContain('\r\n3\r\none\r\n')
  expect(text).not.toContain('forged')
  const [exchange] = await guard.seen(1)
  expect(textOf(exchange?.request.body?.bytes)).toBe('abcde')
  expect(textOf(exchange?.response?.body?.bytes)).toBe('onetwo')
  expect(exchange?.response?.body).toMatchObject({ size: 6, truncated: false })
})

const bodiless: readonly (readonly [what: string, method: string, answer: string, head: RegExp])[] = [
  ['HEAD with a length', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', /Content-Length: 5\r\n/],
  [
    'HEAD with a coding',
    'HEAD',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    /^HTTP\/1.1 200 OK\r\n/,
  ],
  ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', /^HTTP\/1.1 204 No Content\r\n/],
  [
    '204 with a length',
    'GET',
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    /^HTTP\/1.1 204 (?!.*Content-Length)/s,
  ],
  [
    '304 with a length',
    'GET',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n',
    /ETag: "a"/,
  ],
  ['200 of length 0', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /Content-Length: 0/],
]

test('responses without a body leave the connection in step', async () => {
  let rows = 0
  for (const [what, method, answer, head] of bodiless) {
    const { url } = await rawUpstream(scripted(answer, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext'))
    const { port, guard } = await siteBefore(url)
    const client = new RawClient(port).send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await guard.seen(1)
    const first = await client.until('\r\n\r\n')
    expect(first, what).toMatch(head)
    expect(first, what).toMatch(/\r\n\r\n$/)
    client.send(get('/next'))
    expect(await client.until('next'), what).toMatch(/HTTP\/1.1 200 OK\r\n(?:.+\r\n)+\r\nnext$/)
    expect((await guard.seen(2))[0]?.response?.body, what).toMatchObject({ size: 0, truncated: false })
    rows += 1
  }
  expect(rows).toBe(6)
})

test('a response that ends with its connection is passed on whole', async () => {
  const { url } = await rawUpstream(
    scripted(socket => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end')),
  )
  const { port, guard } = await siteBefore(url)
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect(await response.text()).toBe('until the end')
  const [exchange] = await guard.seen(1)
  expect(exchange?.response?.body).toMatchObject({ size: 13, truncated: false })
  expect(exchange?.extra).toBeUndefined()
})

test('an HTTP/1.0 client gets a response delimited by its connection', async () => {
  const { url } = await httpUpstream((_request, response) => {
    response.write('one')
    response.end('two')
  })
  const { port } = await siteBefore(url)
  const text = await new RawClient(port).send('GET / HTTP/1.0\r\n\r\n').untilClosed()
  expect(text).not.toMatch(/transfer-encoding/i)
  expect(text).toMatch(/\r\n\r\nonetwo$/)
})

test('100-continue comes from the upstream', async () => {
  let continued = false
  const { server, url } = await httpUpstream(() => undefined)
  server.on('checkContinue', (request, response) => {
    continued = request.headers.expect === '100-continue'
    response.writeContinue()
    request.resume().on('end', () => response.end('done'))
  })
  const { port } = await siteBefore(url)
  const client = new RawClient(port).send(
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
  )
  expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  client.send('body')
  expect(await client.until('done')).toContain('HTTP/1.1 200 OK')
  expect(continued).toBe(true)
})

test('a final answer in place of 100-continue comes through', async () => {
  const { server, url } = await httpUpstream(() => undefined)
  server.on('checkContinue', (_request, response) => {
    response.writeHead(413, { connection: 'close' })
    response.end('too large')
  })
  const { port } = await siteBefore(url)
  const client = new RawClient(port).send(
    'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
  )
  expect(await client.until('too large')).toMatch(/^HTTP\/1.1 413 /)
})

test('early hints go through before the response', async () => {
  const { url } = await httpUpstream((_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('page')
  })
  const { port } = await siteBefore(url)
  const text = await new RawClient(port).send(get('/')).until('page')
  expect(text).toMatch(
    /^HTTP\/1.1 103 Early Hints\r\nlink: <\/style.css>; rel=preload\r\n\r\nHTTP\/1.1 200 OK\r\n/i,
  )
})

test('repeated headers keep their number, order and spelling, both ways', async () => {
  let parts: string[] = []
  const { url } = await rawUpstream(socket => {
    socket.on('data', chunk => {
      parts = chunk
        .toString('latin1')
        .split('\r\n')
        .filter(line => line.startsWith('X-Part'))
      socket.write(
        'HTTP/1.1 200 Fine\r\nSet-Cookie: b=1\r\nset-cookie: a=\xe9\r\nContent-Length: 2\r\n\r\nok',
        'latin1',
      )
    })
  })
  const { port } = await siteBefore(url)
  const text = await new RawClient(port).send(get('/', 'X-Part: 2\r\nX-Part: \xe9\r\n')).until(/ok$/)
  expect(text).toMatch(/^HTTP\/1.1 200 Fine\r\nSet-Cookie: b=1\r\nset-cookie: a=\xe9\r\n/)
  expect(parts).toEqual(['X-Part: 2', 'X-Part: \xe9'])
})
