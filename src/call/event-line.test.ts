import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEventLine, isRejection, parseEventLine } from './event-line.ts'
import { Redactor } from './redactor.ts'
import { sealCall } from './seal-call.ts'

const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
const parse = (value: unknown, position = 5) =>
  parseEventLine(
    typeof value === 'string' ? value : JSON.stringify(value),
    'traffic.jsonl',
    position,
    redactor,
  )

const line = {
  time: '2026-11-22T10:00:00.123Z',
  request: { method: 'GET', target: '/orders/7?expand=items' },
}

describe('parseEventLine', () => {
  it('fills in what the line leaves out', () => {
    expect(
      parse({
        ...line,
        request: { ...line.request, headers: { Host: 'API.example:443', 'X-A': ['1', '2'] } },
      }),
    ).toEqual({
      type: 'call',
      id: '5',
      time: Date.UTC(2026, 10, 22, 10, 0, 0, 123),
      source: {},
      destination: { host: 'api.example' },
      request: {
        method: 'GET',
        target: '/orders/7?expand=items',
        path: '/orders/7',
        query: [['expand', 'items']],
        httpVersion: '1.1',
        headers: [
          ['host', 'API.example:443'],
          ['x-a', '1'],
          ['x-a', '2'],
        ],
        content: { kind: 'empty' },
        bodySize: 0,
        bodyTruncated: false,
      },
      credentials: [],
    })
  })

  it('reads base64 bodies and epoch times', () => {
    const event = parse({
      time: 1_000,
      request: {
        method: 'POST',
        target: '/a',
        body: Buffer.from('{"a":1}').toString('base64'),
        bodyEncoding: 'base64',
      },
    })
    expect(event).toMatchObject({
      time: 1_000,
      request: { content: { kind: 'json', value: { a: 1 } }, bodySize: 7 },
    })
  })

  it('carries the route of the framework, none that is too long, and no secret in it', () => {
    const withRoute = (route: unknown) => parse({ ...line, request: { ...line.request, route } })
    const event = withRoute('/orders/{id}')
    expect(event).toMatchObject({ request: { route: '/orders/{id}' } })
    if (isRejection(event)) throw new Error(event.reason)
    expect(JSON.parse(formatEventLine(event)).request.route).toBe('/orders/{id}')
    expect(parse(formatEventLine(event))).toEqual(event)
    expect(withRoute(`/${'a'.repeat(512)}`)).not.toHaveProperty('request.route')
    expect(withRoute(`/${'a'.repeat(511)}`)).toHaveProperty('request.route')
    expect(withRoute('')).not.toHaveProperty('request.route')
    expect(withRoute(7)).toMatchObject({ reason: '`request.route` must be a string.' })
    const key = `ghp_${'a1B2'.repeat(9)}`
    expect(JSON.stringify(withRoute(`/hooks/${key}`))).not.toContain(key)
  })

  it('keeps unknown fields under extra, nested ones by their path', () => {
    const event = parse({
      ...line,
      mood: 'good',
      extra: { own: 1 },
      request: { ...line.request, colour: 'red' },
      source: { asn: 64500 },
    })
    expect(event).toMatchObject({
      extra: { own: 1, mood: 'good', 'request.colour': 'red', 'source.asn': 64500 },
    })
  })

  it('reads accesses and runtime events', () => {
    const workload = { namespace: 'shop', name: 'orders', labels: { app: 'orders' } }
    expect(
      parse({
        type: 'access',
        time: 1,
        workload,
        store: { system: 'postgresql', collection: 'orders' },
        operation: 'SELECT',
        rows: 3,
      }),
    ).toEqual({
      type: 'access',
      id: '5',
      time: 1,
      workload,
      store: { system: 'postgresql', collection: 'orders' },
      operation: 'SELECT',
      rows: 3,
    })
    expect(
      parse({
        type: 'runtime',
        id: 'r',
        time: 1,
        workload,
        source: 'kubearmor',
        action: 'process',
        object: '/bin/sh',
      }),
    ).toEqual({
      type: 'runtime',
      id: 'r',
      time: 1,
      workload,
      source: 'kubearmor',
      action: 'process',
      object: '/bin/sh',
    })
  })

  it('names the field of a line it cannot read', () => {
    const rows: [unknown, string][] = [
      ['', 'The line is empty.'],
      ['{', 'The line is not JSON.'],
      ['[]', 'The line is not a JSON object.'],
      [{ type: 'bird' }, '`type` must be "call", "access", "runtime", "flow", "identity" or "resource".'],
      [{ request: line.request }, '`time` is missing.'],
      [{ ...line, time: 'yesterday' }, '`time` must be RFC 3339 or epoch milliseconds.'],
      [{ ...line, time: '2026-13-45T10:00:00Z' }, '`time` must be RFC 3339 or epoch milliseconds.'],
      [{ time: 1 }, '`request` is missing.'],
      [{ time: 1, request: { target: '/' } }, '`request.method` is missing.'],
      [{ time: 1, request: { method: 'GET' } }, '`request.target` is missing.'],
      [
        { ...line, request: { ...line.request, headers: [['a']] } },
        '`request.headers[0]` must be a pair of strings.',
      ],
      [{ ...line, request: { ...line.request, body: {} } }, '`request.body` must be a string.'],
      [
        { ...line, request: { ...line.request, bodyEncoding: 'hex' } },
        '`request.bodyEncoding` must be "utf8" or "base64".',
      ],
      [{ ...line, response: { status: 'ok' } }, '`response.status` must be a number.'],
      [{ ...line, response: {} }, '`response.status` must be a whole number from 0 to 999.'],
      [{ ...line, source: 'x' }, '`source` must be an object.'],
      [
        { ...line, source: { workload: { labels: { a: 1 } } } },
        '`source.workload.labels` must be an object of strings.',
      ],
      [{ ...line, principal: {} }, '`principal.id` is missing.'],
      [{ ...line, credentials: [{ scheme: 'magic' }] }, '`credentials[0].scheme` is no known scheme.'],
      [{ type: 'access', time: 1, workload: {} }, '`store.system` is missing.'],
      [{ type: 'runtime', time: 1, workload: {}, source: 'x' }, '`action` is missing.'],
    ]
    for (const [value, reason] of rows)
      expect(parse(value)).toEqual({ source: 'traffic.jsonl', position: 5, reason })
    expect(rows.length).toBe(21)
  })

  it('never throws, whatever the line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => void parse(text)),
      { numRuns: 1_500 },
    )
    const wild = fc.record(
      {
        type: fc.jsonValue(),
        id: fc.jsonValue(),
        time: fc.constantFrom(1, '2026-11-22T10:00:00Z', null),
        request: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              method: fc.string(),
              target: fc.string(),
              headers: fc.jsonValue(),
              body: fc.jsonValue(),
              content: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
        response: fc.jsonValue(),
        source: fc.jsonValue(),
        destination: fc.jsonValue(),
        credentials: fc.jsonValue(),
        extra: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(wild, value => void parse(value)),
      { numRuns: 1_500 },
    )
  })
})

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const token = fc.stringMatching(/^[A-Za-z0-9]{8,30}$/)
const bodyText = fc.oneof(
  fc.json(),
  text,
  fc.tuple(token, token).map(([a, b]) => `password=${a}&b=${b}&b=2&__proto__=1`),
  fc.tuple(token, text).map(([a, b]) => `{"token":"${a}","cut":${JSON.stringify(b)}`),
  fc
    .tuple(token, text)
    .map(
      ([a, b]) =>
        `--b\r\nContent-Disposition: form-data; name="pin"\r\n\r\n${a}\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n${b}\r\n--b--`,
    ),
)
const bodyType = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'text/plain',
  'image/png',
  'application/x-ndjson',
)
const headerPair = fc.oneof(
  fc.tuple(fc.constantFrom('X-Thing', 'accept', 'referer', 'x-secret'), text),
  fc.tuple(
    fc.constant('authorization'),
    fc.oneof(
      token,
      token.map(value => `Bearer ${value}`),
      fc.constant('Basic YWxpY2U6czNjcjN0'),
      text,
    ),
  ),
  fc.tuple(
    fc.constant('cookie'),
    fc.oneof(
      fc.tuple(token, text).map(([a, b]) => `sid=${a}; x=${b}; theme=dark`),
      text,
    ),
  ),
  fc.tuple(fc.constant('x-api-key'), token),
  fc.tuple(fc.constant('content-encoding'), fc.constantFrom('gzip', 'identity')),
)
const message = fc
  .tuple(fc.array(headerPair, { maxLength: 5 }), bodyType, bodyText)
  .map(([headers, type, body]) => ({
    headers: [...headers, ['content-type', type]] as [string, string][],
    body: { bytes: Buffer.from(body), size: Buffer.byteLength(body) + 3, truncated: body.length % 2 === 0 },
  }))
const target = fc.oneof(
  fc.webUrl({ withQueryParameters: true }),
  fc.tuple(text, token).map(([path, value]) => `/${path}?access_token=${value}&q=${path}`),
  fc.tuple(token, text).map(([value, query]) => `/reset/token/${value}?${query}`),
  text,
)

describe('the law of the event line', () => {
  it('parse(format(call)) equals the call', () => {
    fc.assert(
      fc.property(
        target,
        message,
        fc.option(message, { nil: undefined }),
        fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }),
        (where, request, response, extra) => {
          const call = sealCall(
            {
              id: 'c-1',
              time: 1_000,
              source: { ip: '192.0.2.1', workload: { name: 'shop' } },
              destination: { host: 'api.example', port: 443 },
              request: { method: 'POST', target: where, httpVersion: '2', ...request },
              ...(response === undefined ? {} : { response: { status: 200, ...response } }),
              extra,
            },
            redactor,
          )
          const again = parseEventLine(formatEventLine(call), 'x', 1, redactor)
          expect(again).toEqual(call)
        },
      ),
      { numRuns: 1_500 },
    )
  })

  it('holds for everything around calls', () => {
    const events = [
      parse({ type: 'access', time: 1.5, workload: { name: 'a' }, store: { system: 'redis' }, note: 'x' }),
      parse({
        type: 'runtime',
        time: '2026-11-22T10:00:00Z',
        workload: {},
        source: 'falco',
        action: 'file',
        extra: { fd: { name: '/etc/passwd' } },
      }),
      parse({
        type: 'flow',
        time: 7,
        workload: { name: 'a' },
        peer: { workload: { name: 'b' }, host: 'b.shop', port: 80 },
        direction: 'egress',
        protocol: 'tcp',
        bytes: 9,
        outcome: 'blocked',
        source: 'hubble',
      }),
      parse({
        type: 'identity',
        time: 8,
        identity: 'role:a',
        action: 'assume',
        target: 'role:b',
        address: '192.0.2.1',
        source: 'cloudtrail',
      }),
      parse({
        type: 'resource',
        time: 0,
        source: 'kubernetes',
        object: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'a' },
          spec: { ports: [{ port: 80 }] },
        },
        removed: true,
      }),
    ]
    expect(events).toHaveLength(5)
    for (const event of events) {
      if (isRejection(event)) throw new Error(event.reason)
      expect(parse(formatEventLine(event))).toEqual(event)
    }
  })
})
