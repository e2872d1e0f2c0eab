import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCall } from '../../call/api-call.ts'
import type { SallyportEvent } from '../../call/event.ts'
import { Redactor } from '../../call/redactor.ts'
import { SallyportError } from '../../kit/error.ts'
import type { Rejection } from '../../kit/rejection.ts'
import { fileFormats, type ReadOptions, readEvents } from './index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
let count = 0
const file = (content: string | Uint8Array): string => {
  count += 1
  const path = join(folder, `f${count}`)
  writeFileSync(path, content)
  return path
}

async function read(files: string[], options: Partial<ReadOptions> = {}) {
  const events: SallyportEvent[] = []
  const rejections: Rejection[] = []
  for await (const event of readEvents(files, {
    redactor,
    onRejection: rejection => rejections.push(rejection),
    ...options,
  }))
    events.push(event)
  return { events, calls: events as ApiCall[], rejections }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const failure = async (files: string[], options: Partial<ReadOptions> = {}): Promise<SallyportError> => {
  try {
    await read(files, options)
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown
  }
  throw new Error('it did not fail')
}

const line = (time: number, id = `c-${time}`) =>
  JSON.stringify({ id, time, request: { method: 'GET', target: `/a/${time}` } })
const lines = (...times: number[]) => `${times.map(time => line(time)).join('\n')}\n`
const entry = (second: number) => ({
  startedDateTime: `2026-01-01T00:00:0${second}.000Z`,
  time: 12,
  request: {
    method: 'POST',
    url: `https://Api.example/a?b=${second}`,
    httpVersion: 'h2',
    headers: [
      { name: ':authority', value: 'x' },
      { name: 'Content-Type', value: 'application/json' },
    ],
    bodySize: 7,
    postData: { mimeType: 'application/json', text: '{"a":1}' },
  },
  response: {
    status: 200,
    headers: [],
    content: { size: 4, mimeType: 'text/plain', text: 'aGV5IQ==', encoding: 'base64' },
  },
})
const har = (...entries: object[]) =>
  JSON.stringify({ log: { version: '1.2', pages: [{ entries: [] }], creator: { name: 'x' }, entries } })

describe('readEvents', () => {
  it('reads each format, plain and as gzip, whatever the name', async () => {
    const combined =
      '192.0.2.7 - alice [17/May/2015:10:05:03 +0200] "GET /a?b=c HTTP/1.1" 200 512 "http://x/" "agent/1"\n'
    const rows: [content: string, expected: object][] = [
      [lines(1), { id: 'c-1', time: 1 }],
      [
        har(entry(1)),
        {
          time: Date.UTC(2026, 0, 1, 0, 0, 1),
          durationMs: 12,
          destination: { host: 'api.example', port: 443 },
          request: { httpVersion: '2', target: '/a?b=1', content: { kind: 'json', value: { a: 1 } } },
          response: { content: { kind: 'text', text: 'hey!' } },
        },
      ],
      [`\uFEFF${har(entry(1))}`, { time: Date.UTC(2026, 0, 1, 0, 0, 1) }],
      [JSON.stringify(JSON.parse(har(entry(1))), undefined, 2), { time: Date.UTC(2026, 0, 1, 0, 0, 1) }],
      [
        combined,
        {
          time: Date.UTC(2015, 4, 17, 8, 5, 3),
          source: { ip: '192.0.2.7' },
          principal: { id: 'alice' },
          destination: { host: 'unknown' },
          request: {
            target: '/a?b=c',
            headers: [
              ['referer', 'http://x/'],
              ['user-agent', 'agent/1'],
            ],
          },
          response: { status: 200, bodySize: 512 },
        },
      ],
      [`"${combined.trim()}"\n`, { source: { ip: '192.0.2.7' }, response: { status: 200 } }],
      [
        '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "POST /a HTTP/1.0" 404 -\n',
        { request: { method: 'POST', httpVersion: '1.0' }, response: { status: 404, bodySize: 0 } },
      ],
      [
        'shop.example:443 192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n',
        { source: { ip: '192.0.2.7' }, destination: { host: 'shop.example' } },
      ],
      [
        '{"time_iso8601":"2026-01-01T00:00:01+00:00","remote_addr":"192.0.2.7","request":"GET /a?x=1 HTTP/1.1","status":"200","body_bytes_sent":"5","request_time":"0.012","http_user_agent":"u","host":"shop.example"}\n',
        {
          time: Date.UTC(2026, 0, 1, 0, 0, 1),
          durationMs: 12,
          destination: { host: 'shop.example' },
          request: { method: 'GET', target: '/a?x=1' },
          response: { status: 200, bodySize: 5 },
        },
      ],
      [
        '{"start_time":"2026-01-01T00:00:01.000Z","method":"GET","path":"/a","protocol":"HTTP/2","response_code":503,"duration":7,"bytes_sent":9,"downstream_remote_address":"192.0.2.7:5000","authority":"shop.example"}\n',
        {
          durationMs: 7,
          source: { ip: '192.0.2.7', port: 5000 },
          request: { httpVersion: '2' },
          response: { status: 503 },
        },
      ],
      [
        '{"time":"2026-01-01T00:00:01Z","method":"GET","path":"/orders/7","status":200,"http":{"route":"orders/:id"}}\n',
        { request: { path: '/orders/7', route: 'orders/:id' } },
      ],
      [
        '{"time":"2026-01-01T00:00:01Z","method":"GET","path":"/orders/7","status":200,"route":"/orders/{id}"}\n',
        { request: { route: '/orders/{id}' } },
      ],
      [
        '{"ts":1767225601.5,"request":{"remote_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/a","headers":{"User-Agent":["u"]}},"duration":0.5,"size":9,"status":200}\n',
        {
          time: 1_767_225_601_500,
          durationMs: 500,
          destination: { host: 'shop.example' },
          request: { headers: [['user-agent', 'u']] },
        },
      ],
    ]
    for (const [content, expected] of rows) {
      for (const bytes of [Buffer.from(content), gzipSync(content)]) {
        const { calls, rejections } = await read([file(bytes)])
        expect(rejections).toEqual([])
        expect(calls).toHaveLength(1)
        expect(calls[0]).toMatchObject(expected)
      }
    }
    expect(rows.length).toBe(13)
  })

  it('lists every format of its folder, under the name of its file', () => {
    const files = readdirSync(new URL('./formats', import.meta.url)).filter(
      name => name !== 'index.ts' && name !== 'request-line.ts' && !name.endsWith('.test.ts'),
    )
    expect(fileFormats.map(format => `${format.id}.ts`).sort()).toEqual(files.sort())
    expect(files.length).toBeGreaterThan(10)
  })

  it('reads UTF-16 with a byte order mark', async () => {
    const { calls } = await read([file(Buffer.from(`\uFEFF${lines(1, 2)}`, 'utf16le'))])
    expect(calls.map(call => call.id)).toEqual(['c-1', 'c-2'])
  })

  it('merges by time, first file first, and sorts what is out of order', async () => {
    const ordered = file(lines(1, 4, 6))
    const shuffled = file(lines(5, 2, 3, 6))
    const { events } = await read([ordered, shuffled])
    expect(events.map(event => event.time)).toEqual([1, 2, 3, 4, 5, 6, 6])
    const same = file(`${line(6, 'late')}\n`)
    expect((await read([ordered, same])).events.map(event => event.id)).toEqual(['c-1', 'c-4', 'c-6', 'late'])
  })

  it('agrees with sorting everything at once', async () => {
    const times = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(times, async files => {
        const { events } = await read(files.map(list => file(lines(...list))))
        expect(events.map(event => event.time)).toEqual(files.flat().sort((a, b) => a - b))
      }),
      { numRuns: 60 },
    )
  })

  it('rejects by file and position, and goes on', async () => {
    const path = file(`${line(1)}\nnot json\n\n${line(2)}\n{"time":3}\n`)
    const { events, rejections } = await read([path])
    expect(events).toHaveLength(2)
    expect(rejections).toEqual([
      { source: path, position: 2, reason: 'The line is not JSON.' },
      { source: path, position: 5, reason: '`request` is missing.' },
    ])
  })

  it('never holds a line beyond its bound', async () => {
    const path = file(`${line(1)}\n${'x'.repeat(3_000_000)}\n${line(2)}\n`)
    const { events, rejections } = await read([path], { maxLineBytes: 1_000 })
    expect(events).toHaveLength(2)
    expect(rejections).toEqual([{ source: path, position: 2, reason: 'The line is longer than 1000 bytes.' }])
  })

  it('gives what there is of a file cut off or damaged', async () => {
    const whole = gzipSync(lines(...Array.from({ length: 5_000 }, (_, index) => index)))
    const cut = await read([file(whole.subarray(0, whole.length - 2_000))])
    expect(cut.events.length).toBeGreaterThan(100)
    expect(cut.rejections.map(rejection => rejection.reason)).toContain(
      'The gzip file is cut off; the rest is missing.',
    )

    const archive = har(entry(1), entry(2))
    const short = await read([file(archive.slice(0, -100))])
    expect(short.events).toHaveLength(1)
    expect(short.rejections[0]).toMatchObject({ position: 2, reason: 'The file ends within this entry.' })

    const crossed = await read([file(`${archive.slice(0, -3)}]]}`)])
    expect(archive.slice(-3)).toBe(']}}')
    expect(crossed.events).toHaveLength(2)
    expect(crossed.rejections[0]).toMatchObject({
      ...{ position: 3, reason: 'Around the entries a bracket is closed that was not open.' },
    })

    const broken = await read([
      file(
        har(
          entry(1),
          { startedDateTime: 'x' },
          { startedDateTime: '2026-01-01T00:00:01Z', request: { method: 'GET', url: '/a' } },
          entry(2),
        ),
      ),
    ])
    expect(broken.events).toHaveLength(2)
    expect(broken.rejections.map(({ position, reason }) => [position, reason])).toEqual([
      [2, '`startedDateTime` must be RFC 3339 or epoch milliseconds.'],
      [3, '`request.url` is not an absolute URL.'],
    ])
  })

  it('stops at gzip bombs', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(lines(1)), Buffer.alloc(80_000_000, 32)]))
    const path = file(bomb)
    const { events, rejections } = await read([path], { maxLineBytes: 1_000 })
    expect(events).toHaveLength(1)
    expect(rejections[0]?.reason).toMatch(/inflates by more than 500 times/)
    const small = await read(
      [file(gzipSync(lines(...Array.from({ length: 20_000 }, (_, index) => index))))],
      { maxFileBytes: 600_000 },
    )
    expect(small.events.length).toBeGreaterThan(100)
    expect(small.rejections[0]?.reason).toMatch(/inflates beyond 600000 bytes/)
  })

  it('says what is wrong with a file, and the mend', async () => {
    const rows: [string, Partial<ReadOptions>, string][] = [
      [join(folder, 'nowhere'), {}, 'input/unreadable'],
      [mkdtempSync(join(folder, 'empty-')), {}, 'input/unreadable'],
      [file('openapi: 3.1.0\n'), {}, 'input/unknown-format'],
      [file(Buffer.from([0, 1, 2, 3])), {}, 'input/unknown-format'],
      [file(lines(1, 2, 3)), { maxFileBytes: 10 }, 'input/too-large'],
      [file(lines(3, 2, 1)), { maxSortBytes: 10 }, 'input/too-large'],
      [file(Buffer.from([0x1f, 0x8b, 8, 9, 9])), {}, 'input/unreadable'],
    ]
    for (const [path, options, code] of rows) {
      const error = await failure([path], options)
      expect([error.code, error.where]).toEqual([code, path])
      expect(error.mend).toBeTruthy()
    }
    expect(rows.length).toBe(7)
    expect((await read([file('')])).events).toEqual([])
  })

  it('never throws on what comes after the first good line', async () => {
    const heads = [
      lines(1),
      '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1\n',
      '{"ts":1,"method":"GET","path":"/"}\n',
      '{"log":{"entries":[',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...heads),
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        async (head, bytes, text) => {
          const { events, rejections } = await read([
            file(Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\n${text}\n`)])),
          ])
          // A list of entries may well be empty, where it ends as it should.
          const empty = head === heads[3] && isJson(`${head}${Buffer.from(bytes).toString()}\n${text}\n`)
          if (!empty) expect(events.length + rejections.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 200 },
    )
  })
})
