import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsUpstream } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { helloLength, ja4 } from './client-hello.ts'
import { closeAll, httpUpstream, RawClient, type Site, siteBefore } from './fixture.ts'
import type { TlsOptions } from './tls-listener.ts'

afterEach(closeAll)

const fixture = (name: string): string =>
  new URL(`../../../test/fixtures/tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('authority.pem'))
const files = (name: string): { certificate: string; key: string } => ({
  certificate: fixture(`${name}.pem`),
  key: fixture(`${name}.key.pem`),
})

async function secureSite(
  tls: Partial<TlsOptions> = {},
  more: Parameters<typeof siteBefore>[1] = {},
): Promise<Site & { seen: string[] }> {
  const seen: string[] = []
  const { url } = await httpUpstream((request, response) => {
    seen.push(`${request.url} ${request.headers['x-forwarded-proto']}`)
    request.resume().on('end', () => response.end('ok'))
  })
  const site = await siteBefore(url, {
    tls: { certificates: [files('shop'), files('api')], ...tls },
    ...more,
  })
  return { ...site, seen }
}

/** A TLS connection, once its handshake is over. */
const secured = (port: number, servername?: string, options = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { port, host: '127.0.0.1', ca, ...(servername === undefined ? {} : { servername }), ...options },
      () => resolve(socket),
    )
    socket.on('error', reject)
  })

const commonName = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN

/** Sends a request and reads until the answer's body. */
const ask = (socket: TLSSocket, path = '/'): Promise<string> =>
  new Promise(resolve => {
    let text = ''
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.endsWith('ok')) return
      socket.off('data', onData)
      resolve(text)
    }
    socket.on('data', onData)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`)
  })

test('the certificate is the one of the name asked for, the first where there is none', async () => {
  const { port } = await secureSite()
  const rows = [
    ['shop.example', 'shop'],
    ['SHOP.example', 'shop'],
    ['v2.api.example', 'api'],
    ['unknown.example', 'shop'],
    [undefined, 'shop'],
  ] as const
  for (const [name, expected] of rows) {
    const socket = await secured(port, name, { checkServerIdentity: () => undefined })
    expect(commonName(socket), name).toBe(expected)
    socket.destroy()
  }
  expect(rows).toHaveLength(5)
})

test('requests over TLS go on as https, with the fingerprint of the handshake', async () => {
  const { port, guard, seen } = await secureSite()
  const socket = await secured(port, 'shop.example')
  expect(await ask(socket, '/one')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(await ask(socket, '/two')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  socket.destroy()
  expect(seen).toEqual(['/one https', '/two https'])
  const prints = guard.admitted.map(({ source }) => source.ja4)
  expect(prints[0]).toMatch(/^t13d\d{4}00_[0-9a-f]{12}_[0-9a-f]{12}$/)
  expect(new Set(prints).size).toBe(1)
})

test('certificates are read again without ending a connection; faulty ones change nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
  try {
    const own = { certificate: join(folder, 'a.pem'), key: join(folder, 'a.key.pem') }
    copyFileSync(files('shop').certificate, own.certificate)
    copyFileSync(files('shop').key, own.key)
    const { port, gateway } = await secureSite({ certificates: [own] })
    const before = await secured(port, 'shop.example')
    await ask(before)
    copyFileSync(files('renewed').certificate, own.certificate)
    expect(() => gateway.reloadCertificates()).toThrow(expect.objectContaining({ code: 'config/invalid' }))
    const during = await secured(port, 'shop.example')
    expect(commonName(during)).toBe('shop')
    copyFileSync(files('renewed').key, own.key)
    gateway.reloadCertificates()
    for (const name of ['shop.example', undefined]) {
      const after = await secured(port, name, { checkServerIdentity: () => undefined })
      expect(commonName(after), name).toBe('renewed')
      after.destroy()
    }
    expect(await ask(before)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(await ask(during)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    before.destroy()
    during.destroy()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is no handshake, or none that ends, is closed and counted', async () => {
  const { port, gateway } = await secureSite({}, { headerTimeoutMs: 50 })
  const failed = (): number => gateway.counters.get('sallyport_gateway_tls_handshakes_failed_total')
  expect(await new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').untilClosed()).not.toContain(
    'HTTP/1.1 200',
  )
  expect(failed()).toBe(1)
  await new RawClient(port).untilClosed()
  expect(failed()).toBe(2)
  await new RawClient(port).send('\x16\x03\x01\x02\x00\x01').untilClosed()
  expect(failed()).toBe(3)
  const old = await secured(port, 'shop.example', {
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'ALL@SECLEVEL=0',
  }).catch(() => undefined)
  expect(old).toBeUndefined()
  expect(gateway.counters.get('sallyport_gateway_requests_total')).toBe(0)
  const socket = await secured(port, 'shop.example')
  expect(await ask(socket)).toContain('ok')
  socket.destroy()
})

test('a session goes on where its keys are known: at the same gateway after a reload, at another with the same keys, else not', async () => {
  const ticketKeys = Buffer.alloc(48, 7)
  const [one, same, other] = [
    await secureSite({}, { ticketKeys }),
    await secureSite({}, { ticketKeys }),
    await secureSite(),
  ]
  const visit = (port: number, before?: Buffer): Promise<{ reused: boolean; session: Buffer | undefined }> =>
    new Promise((resolve, reject) => {
      let session: Buffer | undefined
      const socket = connect({
        ...{ port, host: '127.0.0.1', servername: 'v2.api.example', ca },
        ...(before === undefined ? {} : { session: before }),
      })
      socket.on('error', reject)
      socket.on('session', given => {
        session = given
      })
      socket.on('secureConnect', () => {
        void ask(socket).then(() => {
          resolve({ reused: socket.isSessionReused(), session })
          socket.destroy()
        })
      })
    })
  const { session } = await visit(one.port)
  one.gateway.reloadCertificates()
  expect([
    (await visit(one.port, session)).reused,
    (await visit(same.port, session)).reused,
    (await visit(other.port, session)).reused,
  ]).toEqual([true, true, false])
})

test('closing ends idle TLS connections and handshakes', async () => {
  const { port, gateway } = await secureSite()
  const idle = await secured(port, 'shop.example')
  await ask(idle)
  const silent = connectTcp(port, '127.0.0.1')
  await new Promise(resolve => silent.once('connect', resolve))
  const closed = Promise.all(
    [idle, silent].map(socket => new Promise(resolve => socket.once('close', resolve).resume())),
  )
  await gateway.close(1_000)
  await closed
})

test('certificates that cannot be used are refused at the start', async () => {
  const wrong = [
    [],
    [{ ...files('shop'), key: fixture('api.key.pem') }],
    [{ ...files('shop'), certificate: '/nowhere.pem' }],
    [{ ...files('shop'), certificate: files('shop').key }],
  ]
  for (const certificates of wrong)
    await expect(secureSite({ certificates })).rejects.toMatchObject({ code: 'config/invalid' })
  expect(wrong).toHaveLength(4)
})

test('an https upstream is spoken to when its certificate can be checked, and else not at all', async () => {
  let reached = 0
  const server = createTlsUpstream(
    { cert: readFileSync(files('shop').certificate), key: readFileSync(files('shop').key) },
    (request, response) => {
      reached += 1
      request.pipe(response)
    },
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  try {
    const trusted = await siteBefore(new URL(`https://127.0.0.1:${port}`), {
      upstreamCa: fixture('authority.pem'),
    })
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await fetch(trusted.url, { method: 'POST', body: 'x'.repeat(100_000 * turn) })
      expect(await answer.text()).toBe('x'.repeat(100_000 * turn))
    }
    expect(reached).toBe(3)
    const byName = await siteBefore(new URL(`https://localhost:${port}`), {
      upstreamCa: fixture('authority.pem'),
    })
    expect((await fetch(byName.url)).status).toBe(200)
    const untrusted = await siteBefore(new URL(`https://127.0.0.1:${port}`))
    expect((await fetch(untrusted.url)).status).toBe(502)
    expect(reached).toBe(4)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('the length of a first message is told from its first bytes', () => {
  const rows: readonly (readonly [bytes: number[], length: number | undefined])[] = [
    [[], undefined],
    [[22], undefined],
    [[22, 3, 1, 2], undefined],
    [[22, 3, 1, 2, 0], 517],
    [[22, 2, 1, 2, 0], 0],
    [[71, 69, 84], 0],
    [[22, 3, 1, 255, 255], 0],
  ]
  for (const [bytes, length] of rows) expect(helloLength(Buffer.from(bytes))).toBe(length)
  expect(rows).toHaveLength(7)
})

/** A ClientHello of the given parts, as one record. */
function hello(
  ciphers: readonly number[],
  extensions: readonly (readonly [type: number, content: readonly number[]])[],
): Buffer {
  const pairs = (values: readonly number[]): number[] => values.flatMap(value => [value >> 8, value & 255])
  const sized = (content: readonly number[]): number[] => [
    content.length >> 8,
    content.length & 255,
    ...content,
  ]
  const all = extensions.flatMap(([type, content]) => [...pairs([type]), ...sized(content)])
  const body = [3, 3, ...new Array<number>(32).fill(7), 0, ...sized(pairs(ciphers)), 1, 0, ...sized(all)]
  return Buffer.from([22, 3, 1, ...sized([1, 0, ...sized(body)])])
}

test('the fingerprint is that of the published example', () => {
  const ciphers = [
    0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
  ]
  const signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]
  const empty = [
    0x001b, 0x0033, 0x4469, 0x0017, 0x002d, 0x0005, 0x0023, 0x0012, 0xff01, 0x000b, 0x000a, 0x0015,
  ]
  const record = hello(ciphers, [
    [0x1a1a, []],
    [0x0000, [0, 0]],
    [0x0010, [0, 12, 2, 104, 50, 8, ...Buffer.from('http/1.1')]],
    [0x002b, [6, 0x2a, 0x2a, 3, 4, 3, 3]],
    [0x000d, [0, signatures.length * 2, ...signatures.flatMap(value => [value >> 8, value & 255])]],
    ...empty.map(type => [type, []] as const),
  ])
  expect(ja4(record)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1')
  expect(ja4(hello([], []))).toBe('t12i000000_000000000000_000000000000')
  for (let length = 0; length < record.length; length += 1)
    expect(ja4(record.subarray(0, length)), String(length)).toBeUndefined()
})
