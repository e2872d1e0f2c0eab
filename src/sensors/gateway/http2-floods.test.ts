import { afterEach, expect, test } from 'vitest'
import { frameFlag, frameType } from '../http2-code.ts'
import { closeAll, httpUpstream, type Site, siteBefore } from './fixture.ts'
import {
  FrameClient,
  field,
  frame,
  get,
  keptField,
  newestField,
  number32,
  reasonOf,
  request,
  settings,
} from './frame-client.ts'

const clients: FrameClient[] = []
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  await closeAll()
})

const fixture = (name: string): string =>
  new URL(`../../../test/fixtures/tls/${name}`, import.meta.url).pathname

/** `/hang` is never answered, `/big` without end, everything else at once. */
async function site(options: Parameters<typeof siteBefore>[1] = {}): Promise<Site> {
  const piece = Buffer.alloc(65_536)
  const { url } = await httpUpstream((asked, response) => {
    asked.resume().on('error', () => undefined)
    if (asked.url === '/hang') return
    if (asked.url !== '/big') {
      response.end('ok')
      return
    }
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  })
  const tls = { certificates: [{ certificate: fixture('shop.pem'), key: fixture('shop.key.pem') }] }
  return siteBefore(url, { tls, ...options })
}

async function open(port: number, first?: Buffer): Promise<FrameClient> {
  const client = await FrameClient.open(port, first)
  clients.push(client)
  return client
}

/** Somebody else, who asks again as soon as there is an answer, until told to stop; says how many there were. */
async function bystander(port: number): Promise<() => Promise<number>> {
  const client = await open(port)
  let answered = 0
  let stopped = false
  const asking = (async () => {
    while (!stopped) {
      const stream = 2 * answered + 1
      client.send(request(stream, '/'))
      const answer = await client.until(got => got.type === frameType.data && got.stream === stream)
      expect(String(answer?.payload)).toBe('ok')
      answered += 1
    }
  })()
  // Told to who asks for it, below.
  asking.catch(() => undefined)
  return async () => {
    stopped = true
    await asking
    return answered
  }
}

const calm = 11
const errors = 'sallyport_gateway_http2_errors_total'
const floods = (kind: string): string => `sallyport_gateway_http2_floods_total{kind="${kind}"}`
const reset = (stream: number, code: number): Buffer => frame(frameType.reset, 0, stream, number32(code))
const odd = (index: number): number => 2 * index + 1

interface Attack {
  readonly what: string
  readonly counter: string
  /** As they may end the connection; none where the sender cannot have read it. */
  readonly reasons: readonly number[]
  /** What comes before. */
  readonly first?: Buffer
  readonly make: (index: number) => Uint8Array
  /** Requests that come to the guard at most. */
  readonly admitted: number
}

const frames = 50_000
/** What this process may grow by, the attacker in it. */
const memory = 200_000_000
const attacks: readonly Attack[] = [
  {
    what: 'streams that are taken back at once (CVE-2023-44487)',
    counter: floods('reset'),
    reasons: [calm],
    make: index => Buffer.concat([request(odd(index), '/hang'), reset(odd(index), 8)]),
    admitted: 600,
  },
  {
    what: 'streams that are ended at once without a fault',
    counter: floods('reset'),
    reasons: [calm],
    make: index => Buffer.concat([request(odd(index), '/hang'), reset(odd(index), 0)]),
    admitted: 600,
  },
  {
    what: 'faults that make this side take streams back (CVE-2025-8671)',
    counter: errors,
    reasons: [1],
    make: index =>
      Buffer.concat([
        request(odd(index), '/hang'),
        frame(frameType.windowUpdate, 0, odd(index), number32(0)),
      ]),
    admitted: 600,
  },
  {
    what: 'a head that goes on without end (CVE-2024-27316)',
    counter: errors,
    reasons: [2, calm],
    first: frame(frameType.headers, frameFlag.endStream, 1, get('/')),
    make: index => frame(frameType.continuation, 0, 1, field(`x-${index}`, 'a'.repeat(100))),
    admitted: 0,
  },
  {
    what: 'a head that goes on without end and without a byte',
    counter: errors,
    reasons: [2, calm],
    first: frame(frameType.headers, frameFlag.endStream, 1, get('/')),
    make: () => frame(frameType.continuation, 0, 1),
    admitted: 0,
  },
  {
    what: 'settings (CVE-2019-9515)',
    counter: floods('settings'),
    reasons: [calm],
    make: index => settings([4, 20_000 + index]),
    admitted: 0,
  },
  {
    what: 'pings (CVE-2019-9512)',
    counter: floods('ping'),
    reasons: [calm],
    make: () => frame(frameType.ping, 0, 0, Buffer.alloc(8)),
    admitted: 0,
  },
  {
    what: 'pieces of a body without a byte (CVE-2019-9518)',
    counter: errors,
    reasons: [2, calm],
    first: frame(frameType.headers, frameFlag.endHeaders, 1, get('/hang')),
    make: () => frame(frameType.data, 0, 1),
    admitted: 1,
  },
  {
    what: 'changes of priority (CVE-2019-9513)',
    counter: errors,
    reasons: [calm],
    first: request(1, '/hang'),
    make: index => frame(frameType.priority, 0, odd(index % 1_000) + 2, Buffer.from([0, 0, 0, 0, 1])),
    admitted: 1,
  },
  {
    what: 'frames of an unknown type',
    counter: errors,
    reasons: [calm],
    first: request(1, '/hang'),
    make: () => frame(0xbe, 0, 0, Buffer.alloc(10)),
    admitted: 1,
  },
]

test.each(attacks)('a flood of $what ends the connection, and no other', async attack => {
  const { port, guard, gateway } = await site()
  const stop = await bystander(port)
  const before = process.memoryUsage().rss
  const attacker = await open(port)
  if (attack.first !== undefined) attacker.send(attack.first)
  const sent = await attacker.flood(frames, attack.make)
  await attacker.closed
  expect(sent).toBeLessThan(frames)
  expect(gateway.counters.get(attack.counter)).toBe(1)
  const goaway = attacker.frames.find(({ type }) => type === frameType.goaway)
  if (goaway !== undefined) expect(attack.reasons).toContain(reasonOf(goaway))
  expect(process.memoryUsage().rss - before).toBeLessThan(memory)
  expect(await stop()).toBeGreaterThan(0)
  expect(guard.admitted.filter(({ target }) => target === '/hang').length).toBeLessThanOrEqual(
    attack.admitted,
  )
})

test('heads with more fields, or more bytes, than may be are refused one by one and counted; many end the connection', async () => {
  const { port, gateway, guard } = await site()
  const stop = await bystander(port)
  const client = await open(port)
  const count = 10_000
  const fields = Buffer.concat(Array.from({ length: count }, (_, index) => field('x', String(index))))
  const pieces: Buffer[] = []
  for (let at = 0; at < fields.length; at += 16_000) pieces.push(fields.subarray(at, at + 16_000))
  client.send(
    frame(frameType.headers, frameFlag.endStream, 1, get('/many')),
    ...pieces.map((piece, index) =>
      frame(frameType.continuation, index === pieces.length - 1 ? frameFlag.endHeaders : 0, 1, piece),
    ),
  )
  const refused = await client.until(({ stream }) => stream === 1)
  expect([refused?.type, refused?.payload.readUInt32BE(0)]).toEqual([frameType.reset, calm])
  // The connection goes on.
  client.send(request(3, '/'))
  expect(String((await client.until(got => got.type === frameType.data))?.payload)).toBe('ok')
  const streams = 'sallyport_gateway_http2_streams_refused_total'
  while (gateway.counters.get(streams) === 0) await new Promise(resolve => setImmediate(resolve))
  expect(gateway.counters.get(streams)).toBe(1)
  // A table's field of 4 KB, ten thousand times in a head of 10 KB.
  const before = process.memoryUsage().rss
  const large = Buffer.alloc(count, newestField)
  client.send(request(5, '/', keptField('x', 'a'.repeat(3_900))))
  const sent = await client.flood(5_000, index => request(odd(index) + 6, '/many', large), 5)
  await client.closed
  expect(sent).toBeLessThan(5_000)
  expect(gateway.counters.get(floods('refused'))).toBe(1)
  expect(process.memoryUsage().rss - before).toBeLessThan(memory)
  expect(await stop()).toBeGreaterThan(0)
  expect(guard.admitted.filter(({ target }) => target === '/many')).toEqual([])
})

test('a window of one byte holds no answer for longer than an idle exchange may be, and takes no memory', async () => {
  const { port, gateway, guard } = await site({ idleTimeoutMs: 300, keepAliveTimeoutMs: 2_000 })
  const stop = await bystander(port)
  const before = process.memoryUsage().rss
  const slow = await open(port, settings([4, 1]))
  const streams = 100
  for (let index = 0; index < streams; index += 1) slow.send(request(odd(index), '/big'))
  // Now and then a byte more, of every one of them.
  let left = 0
  const opened = slow.until(({ type }) => type === frameType.goaway)
  const dribble = (): void => {
    left += 1
    if (slow.gone) return
    for (let index = 0; index < streams; index += 1)
      slow.send(frame(frameType.windowUpdate, 0, odd(index), number32(1)))
    slow.socket.once('data', dribble)
  }
  slow.socket.once('data', dribble)
  await opened
  await slow.closed
  expect(left).toBeGreaterThan(1)
  expect(process.memoryUsage().rss - before).toBeLessThan(memory)
  const outcomes = guard.exchanges
    .filter(({ request: { target } }) => target === '/big')
    .map(({ extra }) => extra?.gateway)
  expect(outcomes).toEqual(Array.from({ length: streams }, () => ({ outcome: 'client-timeout' })))
  expect(gateway.counters.get('sallyport_gateway_client_timeouts_total')).toBe(streams)
  expect(await stop()).toBeGreaterThan(0)
})
