import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { closeAll, httpUpstream, RawClient, siteBefore } from './fixture.ts'

afterEach(closeAll)

const get = (headers = ''): string => `GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`
const named = (name: string): Promise<{ url: URL }> =>
  httpUpstream((request, response) => {
    request.resume().on('end', () => response.end(name))
  })

test('another upstream takes the next request of a connection; what is under way ends where it began', async () => {
  const waiting = Promise.withResolvers<() => void>()
  const { url: first } = await httpUpstream((request, response) => {
    if (request.url === '/slow') waiting.resolve(() => response.end('<first slow>'))
    else response.end('<first>')
  })
  const { url: second } = await named('<second>')
  const { port, gateway } = await siteBefore(first)
  const client = new RawClient(port).send(get())
  await client.until('<first>')
  const slow = new RawClient(port).send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
  const finish = await waiting.promise
  gateway.reload({ host: '127.0.0.1', port: 0, upstream: second })
  await client.send(get()).until('<second>')
  finish()
  await slow.until('<first slow>')
  await slow.send(get()).until('<second>')
  expect(gateway.health().detail).toBe(`→ ${second.origin}`)
  expect(gateway.pool.size).toBe(1)
})

test('trusted proxies, windows and bounds are those of the reload, for connections that are open too', async () => {
  const { url } = await named('ok')
  const { port, gateway, guard } = await siteBefore(url)
  const client = new RawClient(port)
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\nContent-Length: 5\r\n\r\nhello'
  await client.send(post).until('ok')
  gateway.reload({
    host: '127.0.0.1',
    port: 0,
    upstream: url,
    trustedProxies: ['127.0.0.1'],
    windowBytes: 2,
    maxConnections: 1,
  })
  client.send(post)
  const [before, after] = await guard.seen(2)
  expect([before?.source.ip, before?.request.body?.bytes.length]).toEqual(['127.0.0.1', 5])
  expect([after?.source.ip, after?.request.body?.bytes.length]).toEqual(['192.0.2.7', 2])
  expect(await new RawClient(port).untilClosed()).toBe('')
})

test('a faulty configuration changes nothing', async () => {
  const { url } = await named('ok')
  const { port, gateway } = await siteBefore(url)
  const base = { host: '127.0.0.1', port: 0, upstream: url }
  const wrong = [
    { ...base, upstream: new URL('ftp://127.0.0.1') },
    { ...base, trustedProxies: ['nowhere'] },
    { ...base, windowBytes: -1 },
    { ...base, tls: { certificates: [{ certificate: '/nowhere.pem', key: '/nowhere.key' }] } },
  ]
  for (const options of wrong)
    expect(() => gateway.reload(options)).toThrow(expect.objectContaining({ code: 'config/invalid' }))
  expect(wrong).toHaveLength(4)
  expect(await new RawClient(port).send(get()).until('ok')).toMatch(/^HTTP\/1\.1 200 /)
})

test('TLS can begin and end with a reload; connections that are open go on', async () => {
  const file = (name: string): string =>
    new URL(`../../../test/fixtures/tls/${name}`, import.meta.url).pathname
  const { url } = await named('ok')
  const { port, gateway } = await siteBefore(url)
  const base = { host: '127.0.0.1', port: 0, upstream: url }
  const plain = new RawClient(port).send(get())
  await plain.until('ok')
  gateway.reload({
    ...base,
    tls: { certificates: [{ certificate: file('shop.pem'), key: file('shop.key.pem') }] },
  })
  plain.text = ''
  await plain.send(get()).until('ok')
  const ca = readFileSync(file('authority.pem'))
  const secure = connect({ port, host: '127.0.0.1', servername: 'shop.example', ca })
  const answered = (): Promise<void> =>
    new Promise((resolve, reject) => {
      secure.once('data', () => resolve())
      secure.once('error', reject)
      secure.write(get())
    })
  await answered()
  gateway.reload(base)
  await answered()
  expect(await new RawClient(port).send(get()).until('ok')).toMatch(/^HTTP\/1\.1 200 /)
  secure.destroy()
})
