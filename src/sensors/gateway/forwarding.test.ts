import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { forwardedHops, hopAddress, TrustedProxies } from './client-address.ts'
import { closeAll, httpUpstream, RawClient, siteBefore } from './fixture.ts'
import type { GatewayOptions } from './gateway.ts'

afterEach(closeAll)

async function forwarded(
  headers: string,
  options: Partial<GatewayOptions> = {},
): Promise<{
  readonly headers: IncomingHttpHeaders
  readonly client: string | undefined
  readonly target: string | undefined
}> {
  let seen: { headers: IncomingHttpHeaders; target: string | undefined } = { headers: {}, target: undefined }
  const { url } = await httpUpstream((request, response) => {
    seen = { headers: request.headers, target: request.url }
    response.end('ok')
  })
  if (options.upstream !== undefined) url.pathname = options.upstream.pathname
  const { port, guard } = await siteBefore(url, { ...options, upstream: url })
  await new RawClient(port).send(`GET /a HTTP/1.1\r\nHost: shop.example\r\n${headers}\r\n`).until('ok')
  return { ...seen, client: guard.admitted[0]?.source.ip }
}

test('only a trusted proxy vouches for a certificate', async () => {
  const line = 'X-Forwarded-Client-Cert: URI=spiffe://prod/ns/shop/sa/payments\r\n'
  const seen: string[][] = []
  for (const trustedProxies of [[], ['127.0.0.1']]) {
    let onward = ''
    const { url } = await httpUpstream((request, response) => {
      onward = JSON.stringify(request.headers)
      response.end('ok')
    })
    const { port, guard } = await siteBefore(url, { trustedProxies, upstream: url })
    await new RawClient(port).send(`GET /a HTTP/1.1\r\nHost: shop.example\r\n${line}\r\n`).until('ok')
    const judged = JSON.stringify(guard.admitted[0]?.headers ?? [])
    seen.push([onward, judged].map(text => String(text.includes('spiffe'))))
  }
  expect(seen).toEqual([
    ['false', 'false'],
    ['true', 'true'],
  ])
})

test('a client that is not a trusted proxy cannot speak for another', async () => {
  const { headers, client } = await forwarded(
    [
      'X-Forwarded-For: 192.0.2.1',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: admin.example',
      'Forwarded: for=192.0.2.1;proto=https',
      'X_Forwarded_For: 192.0.2.1',
      'X-Real-IP: 192.0.2.1',
      'True-Client-IP: 192.0.2.1',
      'X-Original-URL: /admin',
      'X-Sallyport-Decision: pass',
      'X_Sallyport_Decision: pass',
      'X-Request-Id: r-1',
      '',
    ].join('\r\n'),
  )
  expect(client).toBe('127.0.0.1')
  expect(JSON.stringify(headers)).not.toMatch(/192\.0\.2\.1|admin|sallyport/i)
  expect(headers).toEqual({
    host: 'shop.example',
    'x-request-id': 'r-1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example',
    forwarded: 'for=127.0.0.1;host="shop.example";proto=http',
  })
})

test('a trusted proxy is believed up to the first address that it cannot vouch for', async () => {
  const { headers, client } = await forwarded(
    'X-Forwarded-For: 192.0.2.66, 203.0.113.7, 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nForwarded: for=192.0.2.99\r\nX-Real-IP: 203.0.113.7\r\n',
    { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] },
  )
  expect(client).toBe('203.0.113.7')
  expect(headers['x-forwarded-for']).toBe('203.0.113.7, 10.1.2.3, 127.0.0.1')
  expect(headers['x-forwarded-proto']).toBe('https')
  expect(headers['x-real-ip']).toBe('203.0.113.7')
  expect(headers.forwarded).toBe(
    'for=203.0.113.7;host="shop.example";proto=https, for=10.1.2.3, for=127.0.0.1',
  )
})

test('Forwarded is read where X-Forwarded-For is missing, with IPv6 and ports', async () => {
  const { headers, client } = await forwarded(
    'Forwarded: for=192.0.2.66, For="[2001:db8::7]:4711";proto=https\r\n',
    {
      trustedProxies: ['127.0.0.1'],
    },
  )
  expect(client).toBe('2001:db8::7')
  expect(headers['x-forwarded-for']).toBe('2001:db8::7, 127.0.0.1')
  expect(headers.forwarded).toBe('for="[2001:db8::7]";host="shop.example";proto=http, for=127.0.0.1')
})

test('headers of the connection stay on it, with those it names; those that make the request what it is do not', async () => {
  const { headers } = await forwarded(
    [
      'Connection: close, X-Hop, Host, Authorization, X-Forwarded-For',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      'Proxy-Authorization: Basic YTpi',
      'Proxy-Connection: keep-alive',
      'TE: gzip',
      'Authorization: Bearer t',
      '',
    ].join('\r\n'),
  )
  expect(Object.keys(headers).sort()).toEqual([
    'authorization',
    'forwarded',
    'host',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
  ])
})

test('the upstream can have its own host and a prefix, and Via is announced on request', async () => {
  const upstream = new URL('http://x/shop/')
  const { headers, target } = await forwarded('', { preserveHost: false, via: 'edge', upstream })
  expect(headers.host).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(headers['x-forwarded-host']).toBe('shop.example')
  expect(headers.via).toBe('1.1 edge')
  expect(target).toBe('/shop/a')
})

const hops: readonly (readonly [text: string, address: string | undefined])[] = [
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1:80 ', '192.0.2.1'],
  ['"[2001:DB8::1]:80"', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['', undefined],
  ['[2001:db8::1', undefined],
  ['192.0.2.1.5', undefined],
]

test('hops are read in all their forms', () => {
  for (const [text, address] of hops) expect(hopAddress(text), text).toBe(address)
  expect(hops).toHaveLength(10)
  expect(forwardedHops('for=a;by=b, proto=http, FOR = "c"')).toEqual(['a', '', '"c"'])
})

test('whatever a client writes, the hops it is believed are the ones trusted proxies added', () => {
  const trusted = new TrustedProxies(['10.0.0.0/8'])
  const anything = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constant('10.0.0.1'))
  fc.assert(
    fc.property(
      fc.array(anything),
      fc.ipV4().filter(address => !address.startsWith('10.')),
      (forged, real) => {
        expect(trusted.chain('10.0.0.9', [...forged, real, '10.0.0.8'])).toEqual([
          real,
          '10.0.0.8',
          '10.0.0.9',
        ])
        expect(trusted.chain(real, forged)).toEqual([real])
      },
    ),
  )
})
