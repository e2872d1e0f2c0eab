import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readClientHello } from './client-hello.ts'
import { Talk, taken } from './fixture.ts'

const short = (...values: number[]): Buffer => Buffer.from(values.flatMap(value => [value >> 8, value & 255]))
const sized = (size: 1 | 2 | 3, body: Buffer): Buffer => {
  const length = Buffer.alloc(size)
  length.writeUIntBE(body.length, 0, size)
  return Buffer.concat([length, body])
}

function hello(options: { readonly record?: number } = {}): Buffer {
  const extension = (id: number, body: Buffer = Buffer.alloc(0)) => Buffer.concat([short(id), sized(2, body)])
  const name = sized(2, Buffer.concat([Buffer.from([0]), sized(2, Buffer.from('Shop.example'))]))
  const protocols = sized(2, Buffer.concat([sized(1, Buffer.from('h2')), sized(1, Buffer.from('http/1.1'))]))
  const signatures = sized(2, short(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))
  const extensions = Buffer.concat([
    extension(0x0a0a),
    extension(0x001b),
    extension(0x0000, name),
    extension(0x0033),
    extension(0x0010, protocols),
    extension(0x4469),
    extension(0x0017),
    extension(0x002d),
    extension(0x000d, signatures),
    extension(0x0005),
    extension(0x0023),
    extension(0x0012),
    extension(0x002b, sized(1, short(0x1a1a, 0x0304, 0x0303))),
    extension(0xff01),
    extension(0x000b),
    extension(0x000a),
    extension(0x0015),
  ])
  const ciphers = short(
    0x2a2a,
    0x1301,
    0x1302,
    0x1303,
    0xc02b,
    0xc02f,
    0xc02c,
    0xc030,
    0xcca9,
    0xcca8,
    0xc013,
    0xc014,
    0x009c,
    0x009d,
    0x002f,
    0x0035,
  )
  const body = Buffer.concat([
    short(0x0303),
    Buffer.alloc(32, 1),
    sized(1, Buffer.alloc(32, 2)),
    sized(2, ciphers),
    sized(1, Buffer.alloc(1)),
    sized(2, extensions),
  ])
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)])
  const record = options.record ?? message.length
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += record)
    parts.push(Buffer.concat([Buffer.from([22, 3, 1]), sized(2, message.subarray(at, at + record))]))
  return Buffer.concat(parts)
}

// The example of the specification of JA4.
const known = {
  serverName: 'shop.example',
  protocols: ['h2', 'http/1.1'],
  ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
}

describe('the first message of a TLS client', () => {
  it('is read, also over several records', () => {
    expect(readClientHello(hello())).toEqual(known)
    expect(readClientHello(hello({ record: 60 }))).toEqual(known)
  })

  it('is waited for until it is whole', () => {
    const whole = hello({ record: 100 })
    for (let end = 0; end < whole.length; end += 1)
      expect(readClientHello(whole.subarray(0, end))).toBe('more')
  })

  it('of a real client says its host and protocols', async () => {
    let bytes = Buffer.alloc(0)
    const server = createServer(socket => {
      socket.on('data', chunk => {
        bytes = Buffer.concat([bytes, chunk])
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      servername: 'api.shop.example',
      ALPNProtocols: ['http/1.1'],
    })
    client.on('error', () => {})
    await new Promise(resolve => client.on('close', resolve))
    server.close()
    expect(readClientHello(bytes)).toMatchObject({
      serverName: 'api.shop.example',
      protocols: ['http/1.1'],
      ja4: expect.stringMatching(/^t13d\d{4}h1_[0-9a-f]{12}_[0-9a-f]{12}$/),
    })
  })

  it('is read, waited for or left, whatever its bytes are', () => {
    const whole = hello()
    let read = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        (changes, end) => {
          const bytes = Buffer.from(whole)
          for (const [at, value] of changes) bytes[at] = value
          const found = readClientHello(bytes.subarray(0, end + whole.length / 2))
          if (typeof found === 'object') read += 1
        },
      ),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(50)
  })
})

it('becomes part of the flow that it began', () => {
  const talk = new Talk({ serverPort: 443 })
    .open()
    .client(hello({ record: 90 }), 50)
    .server(Buffer.from([22, 3, 3, 0, 50, 2, 0, 0, 46]))
    .client(Buffer.alloc(100))
    .close()
  const { flows, calls, intake } = taken(talk.packets)
  expect([calls, intake.counts.tls, intake.held]).toEqual([[], 1, 0])
  expect(flows).toEqual([
    expect.objectContaining({
      workload: { name: '10.0.0.1' },
      peer: { host: 'shop.example', ip: '10.0.0.2', port: 443 },
      direction: 'egress',
      protocol: 'tls',
      extra: { ja4: known.ja4, alpn: ['h2', 'http/1.1'] },
    }),
  ])
})
