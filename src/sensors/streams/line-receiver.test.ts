import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContextEvent } from '../../call/event.ts'
import { ManualClock } from '../../kit/clock.ts'
import { CloudReceiver } from '../cloud/cloud-receiver.ts'
import { RuntimeReceiver } from '../runtime/runtime-receiver.ts'
import type { HttpLinesOptions } from './http-lines.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const kinds = { runtime: RuntimeReceiver, cloud: CloudReceiver }

async function started(kind: keyof typeof kinds, options: Partial<HttpLinesOptions> = {}) {
  const events: ContextEvent[] = []
  const clock = new ManualClock(1_800_000_000_000)
  const sensor = await kinds[kind].start(
    { call: () => expect.unreachable(), event: event => void events.push(event) },
    clock,
    { maxBodyBytes: 100_000, ...options },
  )
  closing.push(() => sensor.close())
  const post = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://${sensor.address}${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : Buffer.from(body),
    })
    return [response.status, await response.text()] as const
  }
  return { sensor, events, clock, post }
}

const falco = (rule: string) => ({
  rule,
  priority: 'Notice',
  hostname: 'node-1',
  time: '2026-01-02T03:04:05Z',
  output_fields: { 'evt.type': 'execve', 'proc.exepath': '/bin/sh' },
})
const armor = {
  HostName: 'node-2',
  Operation: 'File',
  Type: 'HostLog',
  Resource: '/etc/passwd',
  Result: 'Passed',
}
const exec = {
  process_exec: { process: { binary: '/bin/ls' } },
  node_name: 'node-3',
  time: '2026-01-02T03:04:05Z',
}
const record = {
  eventVersion: '1.11',
  eventID: 'e-1',
  eventTime: '2026-01-02T03:04:05Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  recipientAccountId: '1',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::1:user/alice' },
  requestParameters: { bucketName: 'invoices' },
}
const entry = {
  insertId: 'g-1',
  timestamp: '2026-01-02T03:04:05Z',
  protoPayload: {
    serviceName: 'storage.googleapis.com',
    methodName: 'storage.objects.get',
    resourceName: 'projects/_/buckets/b',
  },
}
const audit = {
  auditID: 'k-1',
  verb: 'get',
  user: { username: 'alice' },
  objectRef: { resource: 'secrets', name: 'db' },
  requestReceivedTimestamp: '2026-01-02T03:04:05Z',
}
const json = (value: unknown): string => JSON.stringify(value)

type Row = readonly [
  what: string,
  kind: keyof typeof kinds,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  status: number,
  answer: string,
  events: number,
]
const rows: readonly Row[] = [
  ['an alert of Falco', 'runtime', '/falco', json(falco('a')), {}, 200, '{"read":1,"rejected":0}', 1],
  ['a list', 'runtime', '/falco', json([falco('a'), falco('b')]), {}, 200, '{"read":2,"rejected":0}', 2],
  [
    'lines',
    'runtime',
    '/kubearmor',
    `${json(armor)}\n${json(armor)}\n`,
    {},
    200,
    '{"read":2,"rejected":0}',
    2,
  ],
  [
    'a printed record',
    'runtime',
    '/tetragon',
    JSON.stringify(exec, undefined, 2),
    {},
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'any of them',
    'runtime',
    '/events',
    [falco('a'), armor, exec].map(json).join('\n'),
    {},
    200,
    '{"read":3,"rejected":0}',
    3,
  ],
  [
    'what Fluent Bit carries',
    'runtime',
    '/tetragon',
    json([{ date: 1, log: `${json(exec)}\n` }]),
    {},
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'gzip',
    'runtime',
    '/falco',
    gzipSync(json(falco('a'))),
    { 'content-encoding': 'gzip' },
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'brotli',
    'runtime',
    '/falco',
    brotliCompressSync(json(falco('a'))),
    { 'content-encoding': 'br' },
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'a bad line among good ones',
    'runtime',
    '/falco',
    `${json(falco('a'))}\n{"rule"\n${json({ a: 1 })}`,
    {},
    200,
    '{"read":1,"rejected":2}',
    1,
  ],
  ['nothing of use', 'runtime', '/falco', '{"a":1}', {}, 400, '{"read":0,"rejected":1}', 0],
  ['nothing', 'runtime', '/falco', '', {}, 200, '{"read":0,"rejected":0}', 0],
  ['another kind than the path’s', 'runtime', '/falco', json(armor), {}, 400, '{"read":0,"rejected":1}', 0],
  [
    'a bomb',
    'runtime',
    '/falco',
    gzipSync(Buffer.alloc(5_000_000)),
    { 'content-encoding': 'gzip' },
    413,
    'inflates beyond 100000 bytes',
    0,
  ],
  [
    'a damaged body',
    'runtime',
    '/falco',
    Uint8Array.from([0x1f, 0x8b, 0, 0, 0]),
    { 'content-encoding': 'gzip' },
    400,
    'damaged gzip body',
    0,
  ],
  ['too much', 'runtime', '/falco', 'x'.repeat(100_001), {}, 413, 'more than 100000 bytes', 0],
  ['another path', 'runtime', '/', '{}', {}, 404, 'Post to /falco, /kubearmor, /tetragon, /events.', 0],
  ['a browser', 'runtime', '/falco', '{}', { origin: 'https://evil.example' }, 403, 'Browsers do not', 0],
  [
    'EventBridge',
    'cloud',
    '/cloudtrail',
    json({ 'detail-type': 'AWS API Call via CloudTrail', detail: record }),
    {},
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'Pub/Sub',
    'cloud',
    '/gcp-audit',
    json({ message: { data: Buffer.from(json(entry)).toString('base64') }, subscription: 's' }),
    {},
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
  [
    'the webhook of Kubernetes',
    'cloud',
    '/kubernetes-audit',
    json({ kind: 'EventList', items: [audit, { ...audit, stage: 'RequestReceived' }] }),
    {},
    200,
    '{"read":1,"rejected":0}',
    1,
  ],
]

describe('a receiver of records', () => {
  it.each(rows)('answers %s', async (_, kind, path, body, headers, status, answer, count) => {
    const { post, events } = await started(kind)
    const [got, text] = await post(path, body, headers)
    expect([got, text.includes(answer) ? answer : text, events.length]).toEqual([status, answer, count])
  })
  it('answered all of the table', () => expect(rows).toHaveLength(20))

  it('takes nothing but posts', async () => {
    const { sensor } = await started('runtime')
    expect((await fetch(`http://${sensor.address}/falco`)).status).toBe(405)
  })

  it('asks for the token where there is one', async () => {
    const { post, events } = await started('runtime', { token: 'hunter2hunter2' })
    const send = (authorization: string) => post('/falco', json(falco('a')), { authorization })
    expect([(await post('/falco', '{}'))[0], (await send('Bearer other'))[0], events.length]).toEqual([
      401, 401, 0,
    ])
    expect([(await send('Bearer hunter2hunter2'))[0], events.length]).toEqual([200, 1])
  })

  it('gives what tells no time the time at which it came, and every event its own id', async () => {
    const { post, events } = await started('runtime')
    await post('/kubearmor', `${json(armor)}\n${json(armor)}`)
    await post('/events', json(armor))
    expect(events.map(event => event.time)).toEqual([1_800_000_000_000, 1_800_000_000_000, 1_800_000_000_000])
    expect(new Set(events.map(event => event.id)).size).toBe(3)
  })

  it('tells how it is, and who has fallen silent', async () => {
    const { post, sensor, clock } = await started('runtime')
    for (let round = 0; round < 12; round += 1) {
      await post('/falco', json(falco('a')))
      clock.advance(1_000)
    }
    await post('/falco', '{"a":1}')
    clock.advance(300_000)
    await post('/tetragon', json(exec))
    const health = sensor.health(clock.now())
    expect(health).toMatchObject({
      id: 'runtime',
      state: 'running',
      events: 13,
      rejected: 1,
      lastEventAt: clock.now(),
    })
    expect(health.sources?.map(({ name, silent }) => [name, silent])).toEqual([
      ['falco on node-1', true],
      ['tetragon on node-3', false],
    ])
    expect(health.detail).toBe(
      '1 records could not be read, the last one because: The line is in no format that is known.',
    )
    await sensor.close()
    expect(sensor.health(clock.now()).state).toBe('stopped')
    closing.pop()
  })

  it('says that its port is taken', async () => {
    const { sensor } = await started('runtime')
    const port = Number(sensor.address?.split(':')[1])
    await expect(started('cloud', { port })).rejects.toThrow(
      `Cloud audit logs cannot listen on 127.0.0.1:${port}.`,
    )
  })
})
