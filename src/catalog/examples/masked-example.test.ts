import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall, Headers } from '../../call/api-call.ts'
import type { Content, Json } from '../../call/content.ts'
import { callId, endpointId } from '../../kit/id.ts'
import { readCustomClasses } from '../data-classes/custom.ts'
import { ClassRegistry } from '../data-classes/registry/class-registry.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import type { DataField, Endpoint } from '../endpoint.ts'
import { maskedExample } from './masked-example.ts'

interface Given {
  readonly path?: string
  readonly query?: Headers
  readonly headers?: Headers
  readonly request?: Content
  readonly response?: Content
  readonly responseHeaders?: Headers
  readonly size?: number
}

const json = (value: Json): Content => ({ kind: 'json', value })

function callWith(given: Given): ApiCall {
  const path = given.path ?? '/users/42'
  return {
    type: 'call',
    id: callId('call-1'),
    time: 1_700_000_000_000,
    source: { ip: '203.0.113.7' },
    destination: { host: 'api.shop.example' },
    request: {
      method: 'POST',
      target: path,
      path,
      query: given.query ?? [],
      httpVersion: '1.1',
      headers: given.headers ?? [['content-type', 'application/json']],
      content: given.request ?? { kind: 'empty' },
      bodySize: given.size ?? 0,
      bodyTruncated: false,
    },
    response: {
      status: 200,
      headers: given.responseHeaders ?? [['content-type', 'application/json']],
      content: given.response ?? { kind: 'empty' },
      bodySize: given.size ?? 0,
      bodyTruncated: false,
    },
    credentials: [],
  }
}

const field = (place: string, dataClass: string): DataField => {
  const side = place.startsWith('response ') ? 'response' : 'request'
  return { side, field: place.replace(/^(?:request|response) /, ''), dataClass, values: 9 }
}

function endpointWith(fields: readonly DataField[], template = '/users/{userId}'): Endpoint {
  return {
    id: endpointId('POST', 'api.shop.example', template),
    protocol: 'rest',
    host: 'api.shop.example',
    method: 'POST',
    template,
    calls: 9,
    statuses: { '200': 9 },
    firstSeen: 0,
    lastSeen: 0,
    auth: [],
    dataClasses: { request: [], response: [] },
    fields,
    exposure: 'unknown',
    inventory: 'unknown',
    criticality: 'other',
    risk: { score: 0, factors: [] },
    responseSchemas: {},
  }
}

describe('a masked example', () => {
  it('shows the ends of values with a class, in every place that a field can be', () => {
    const example = maskedExample(
      callWith({
        path: '/users/1990-04-21',
        query: [
          ['q', 'Annabelle'],
          ['page', '2'],
        ],
        headers: [
          ['content-type', 'application/json; charset=utf-8'],
          ['x-customer', 'ab-123456-cd'],
        ],
        request: json({ contact: { main: '0901820123' }, cards: [{ no: 4539578763621486 }], note: 'hello' }),
        response: json({ '2024': { who: 'Annabelle' }, pin: 1234, list: ['one-two-three'] }),
      }),
      endpointWith([
        field('request path:userId', 'date-of-birth'),
        field('request query:q', 'person-name'),
        field('request header:x-customer', 'generic-secret'),
        field('request contact.main', 'phone'),
        field('request cards[].no', 'payment-card'),
        field('response *.who', 'person-name'),
        field('response pin', 'phone'),
        field('response list[]', 'person-name'),
      ]),
    )
    expect(example).toEqual({
      call: 'call-1',
      time: 1_700_000_000_000,
      method: 'POST',
      path: '/users/19…21',
      query: [
        ['q', 'An…le'],
        ['page', '2'],
      ],
      headers: [
        ['content-type', 'application/json; charset=utf-8'],
        ['x-customer', '•••'],
      ],
      requestBody: {
        mediaType: 'application/json',
        body: { contact: { main: '09…23' }, cards: [{ no: '45…86' }], note: 'hello' },
        cut: false,
      },
      status: 200,
      responseHeaders: [['content-type', 'application/json']],
      responseBody: {
        mediaType: 'application/json',
        body: { '2024': { who: 'An…le' }, pin: '•••', list: ['on…ee'] },
        cut: false,
      },
      masked: 8,
    })
  })

  it('masks what stands under a place with a class, and what gives itself away by name or form', () => {
    const { requestBody } = maskedExample(
      callWith({
        request: json({
          address: { street: 'Long Lane 12345', no: 7 },
          email: 'anna@shop.example',
          text: 'call +49 30 901820 or write to anna@shop.example',
          'anna@shop.example': 1,
          'otto@shop.example': 2,
          password: '[redacted:password:0123456789ab]',
        }),
      }),
      endpointWith([field('request address', 'street-address')]),
    )
    expect(requestBody?.body).toEqual({
      address: { street: 'Lo…45', no: '•••' },
      email: 'an…le',
      text: 'call +4…20 or write to an…le',
      'an…le': 1,
      'ot…le': 2,
      password: '[redacted:password]',
    })
  })

  const bodies: readonly [string, Content, unknown][] = [
    ['form', { kind: 'form', value: { mail: 'anna@shop.example', b: '1' } }, { mail: 'an…le', b: '1' }],
    ['multipart', { kind: 'multipart', value: { mail: 'anna@shop.example' } }, { mail: 'an…le' }],
    [
      'xml',
      { kind: 'text', text: '<u><mail kind="main">anna-maria</mail><x>1</x></u>' },
      '<u><mail kind="main">an…ia</mail><x>1</x></u>',
    ],
    [
      'malformed',
      { kind: 'malformed', reason: 'cut off', text: '{"mail": "anna-maria", "x": 1, "y' },
      '{"mail": "an…ia", "x": 1, "y',
    ],
    [
      'cut',
      { kind: 'malformed', reason: 'cut off', text: '{"mail": "anna \\"the\\" mar' },
      '{"mail": "an…ar',
    ],
    [
      'nested',
      json({ inner: '{\\"mail\\": \\"anna-maria\\", \\"x\\": 1}' }),
      { inner: '{\\"mail\\": \\"an…ia\\", \\"x\\": 1}' },
    ],
    ['binary', { kind: 'binary' }, '20 bytes'],
    ['not kept', { kind: 'empty' }, '20 bytes, not kept'],
  ]
  let ran = 0
  it.each(bodies)('shows a body of kind %s', (_, request, body) => {
    const example = maskedExample(
      callWith({ request, size: 20 }),
      endpointWith([field('request mail', 'email')]),
    )
    expect(example.requestBody?.body).toEqual(body)
    ran += 1
  })
  it('ran every kind', () => expect(ran).toBe(8))

  it('leaves cookies out and shows the scheme of a credential only', () => {
    const { headers, responseHeaders } = maskedExample(
      callWith({
        headers: [
          ['authorization', 'Bearer abcdefgh'],
          ['cookie', 'sid=secret'],
          ['x-forwarded-for', '203.0.113.7'],
          ['user-agent', 'app/1'],
        ],
        responseHeaders: [
          ['set-cookie', 'sid=secret'],
          ['location', '/users/anna@shop.example'],
        ],
      }),
      endpointWith([]),
    )
    expect(headers).toEqual([
      ['authorization', 'Bearer •••'],
      ['user-agent', 'app/1'],
    ])
    expect(responseHeaders).toEqual([['location', '/u…le']])
  })

  it('does not show a path that its template does not fit', () => {
    const example = maskedExample(callWith({ path: '/people/anna/x' }), endpointWith([]))
    expect(example.path).toBe('/users/{userId}')
  })

  it('finds a value beside letters whose small form is longer', () => {
    const example = maskedExample(
      callWith({ request: json({ name: 'Annabelle', note: 'İİ ANNABELLE İ' }) }),
      endpointWith([field('request name', 'person-name')]),
    )
    expect(example.requestBody?.body).toEqual({ name: 'An…le', note: 'İİ AN…LE İ' })
  })

  it('does not show a value in part where a long text is cut', () => {
    const value = 'Annabelle of the long name'
    for (let at = 480; at < 540; at += 1) {
      const text = `${'.'.repeat(at)}${value}${'.'.repeat(9_000)}`
      const example = maskedExample(
        callWith({ request: json({ name: value, text }) }),
        endpointWith([field('request name', 'person-name')]),
      )
      expect(JSON.stringify(example)).not.toContain('Anna')
    }
  })

  it('masks each of several placeholders in a segment', () => {
    const fields = [field('request path:from', 'person-name')]
    const example = maskedExample(
      callWith({ path: '/pairs/v1-annabelle..42' }),
      endpointWith(fields, '/pairs/v1-{from}..{to}'),
    )
    expect(example.path).toBe('/pairs/v1-an…le..42')
  })

  it('reads classes of the team', () => {
    const source = `classes:
  - id: badge
    title: Badge
    group: pii
    pattern: 'BADGE-[0-9]{6}'
    examples: { matches: [BADGE-123456], rejects: [x] }`
    const custom = readCustomClasses(source, 'classes.yaml')
    const classes = new ClassRegistry([...standardClasses.definitions, ...custom])
    const call = callWith({ request: json({ worn: 'BADGE-123456' }) })
    expect(maskedExample(call, endpointWith([]), classes).requestBody?.body).toEqual({ worn: 'BA…56' })
    expect(maskedExample(call, endpointWith([])).requestBody?.body).toEqual({ worn: 'BADGE-123456' })
  })

  it('takes of a batch the operation that the endpoint is', () => {
    const one = (id: number, method: string, params: Json): Json => ({ jsonrpc: '2.0', id, method, params })
    const call = callWith({
      path: '/rpc',
      request: json([one(1, 'cart.add', { sku: 'sku-one' }), one(2, 'user.rename', { alias: 'Annabelle' })]),
    })
    const endpoint = endpointWith([field('request params.alias', 'person-name')], '/rpc')
    const part = maskedExample(call, { ...endpoint, id: `${endpoint.id}#user.rename` as Endpoint['id'] })
    expect(JSON.stringify(part)).not.toContain('sku-one')
    expect(JSON.stringify(part)).not.toContain('Annabelle')
    expect(part.requestBody).toBeDefined()
  })

  it('masks by name where the operation is not found in the call', () => {
    const endpoint = endpointWith([field('request params.alias', 'person-name')], '/rpc')
    const call = callWith({
      path: '/rpc',
      request: json({ deep: [{ alias: ['Annabelle'] }], note: 'Annabelle!' }),
    })
    const example = maskedExample(call, { ...endpoint, id: `${endpoint.id}#gone` as Endpoint['id'] })
    expect(example.requestBody?.body).toEqual({ deep: [{ alias: ['An…le'] }], note: 'An…le!' })
  })

  it('names the fields of a GraphQL answer as they were learned', () => {
    const endpoint = endpointWith([field('response data.user.nick', 'person-name')], '/graphql')
    const call = callWith({
      path: '/graphql',
      request: json({ query: 'query { me: user(id: 7) { n: nick } }' }),
      response: json({ data: { me: { n: 'Annabelle' } } }),
    })
    const example = maskedExample(call, { ...endpoint, id: `${endpoint.id}#query:user` as Endpoint['id'] })
    expect(JSON.stringify(example)).not.toContain('Annabelle')
    expect(JSON.stringify(example)).toContain('An…le')
  })

  it('cuts lists, long texts, wide and deep trees, and says so', () => {
    let deep: Json = 'end'
    for (let level = 0; level < 40; level += 1) deep = { level: deep }
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index]))
    const { responseBody } = maskedExample(
      callWith({
        response: json({
          list: Array.from({ length: 44 }, (_, n) => n),
          deep,
          wide,
          long: 'word '.repeat(999),
        }),
      }),
      endpointWith([]),
    )
    const body = responseBody?.body as { list: unknown; wide: Record<string, unknown>; long: string }
    expect(responseBody?.cut).toBe(true)
    expect(body.list).toEqual([0, 1, 2, '… 41 more'])
    expect(body.wide['…']).toBe('… 136 more')
    expect(body.long.length).toBeLessThanOrEqual(513)
    expect(JSON.stringify(body)).toContain('… nested deeper')
  })

  it('does not let a key become a prototype, nor text turn the page', () => {
    const { requestBody } = maskedExample(
      callWith({ request: json(JSON.parse('{"__proto__":{"polluted":1},"t":"a\\u202eb\\u0000c"}') as Json) }),
      endpointWith([]),
    )
    expect(JSON.stringify(requestBody?.body)).toBe('{"__proto__":{"polluted":1},"t":"a·b·c"}')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('whatever the call', () => {
  // Words that no note and no mask contains.
  const secret = fc
    .stringMatching(/^[qxz0-9]{1,2}[A-Za-z0-9 äß.@:/"'<>=_-]{2,40}[qxz0-9]$/)
    .filter(text => /[qxz]/.test(text) && text.trim() === text)
  const filler = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null))
  const places = [
    'request path:userId',
    'request query:q',
    'request header:x-note',
    'request a',
    'request b.c',
    'request list[].d',
    'request *.e',
    'response a',
    'response rows[]',
    'response m.*.n',
  ] as const

  interface Drawn {
    readonly values: readonly string[]
    readonly noise: readonly (string | number | boolean | null)[]
    readonly stray: number
    readonly kind: 'json' | 'form' | 'multipart' | 'text' | 'malformed'
    readonly count: number
  }

  const drawn: fc.Arbitrary<Drawn> = fc.record({
    values: fc.array(secret, { minLength: places.length, maxLength: places.length }),
    noise: fc.array(filler, { minLength: 4, maxLength: 4 }),
    stray: fc.nat(places.length - 1),
    kind: fc.constantFrom('json', 'form', 'multipart', 'text', 'malformed'),
    count: fc.integer({ min: 1, max: 60 }),
  })

  function callOf({ values, noise, stray, kind, count }: Drawn): ApiCall {
    const [id, q, note, a, c, d, e, answer, row, n] = values as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const loose = values[stray] as string
    const tree = {
      a,
      b: { c, z: noise[0] ?? null },
      list: Array.from({ length: count }, () => ({ d, other: noise[1] ?? null })),
      f: { e },
      free: `see ${loose}, or ${noise[2]}`,
    }
    const request: Content =
      kind === 'json' || kind === 'form' || kind === 'multipart'
        ? { kind, value: tree }
        : kind === 'text'
          ? { kind, text: `<x>${loose}</x> and ${loose}` }
          : { kind, reason: 'cut off', text: `${JSON.stringify({ free: loose })} ${loose}` }
    return callWith({
      path: `/users/${encodeURIComponent(id)}`,
      query: [
        ['q', q],
        ['other', `${noise[3]} ${loose}`],
      ],
      headers: [
        ['x-note', note],
        ['user-agent', `app ${loose}`],
      ],
      request,
      response: json({ a: answer, rows: [row, row], m: { k: { n } }, [`key ${loose}`]: loose.toUpperCase() }),
    })
  }

  it('no value of a classed field appears in its example, in that case or another', () => {
    let looked = 0
    const endpoint = endpointWith(places.map(place => field(place, 'person-name')))
    fc.assert(
      fc.property(drawn, given => {
        const call = callOf(given)
        const shown = JSON.stringify(maskedExample(call, endpoint)).toLowerCase()
        const seen = given.kind === 'json' || given.kind === 'form' || given.kind === 'multipart'
        for (const [index, value] of given.values.entries()) {
          // In text there are no fields but those the call shows elsewhere.
          if (!seen && index >= 3 && index <= 6) continue
          expect(shown).not.toContain(JSON.stringify(value).slice(1, -1).toLowerCase())
          looked += 1
        }
      }),
      { numRuns: 400, seed: 21 },
    )
    expect(looked).toBeGreaterThan(2_000)
  })

  it('it is made, bounded, and the same each time', () => {
    const any = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>
    const endpoint = endpointWith(places.map(place => field(place, 'email')))
    fc.assert(
      fc.property(any, any, fc.array(fc.tuple(fc.string(), fc.string())), (request, response, pairs) => {
        const call = callWith({ request: json(request), response: json(response), query: pairs })
        const first = JSON.stringify(maskedExample(call, endpoint))
        expect(first.length).toBeLessThanOrEqual(24_000)
        expect(JSON.stringify(maskedExample(call, endpoint))).toBe(first)
      }),
      { numRuns: 300, seed: 22 },
    )
  })

  it('it is no longer than its bound where everything is as long as it can be', () => {
    const long = 'wörd "quoted" \\ '.repeat(5_000)
    const rows = Array.from({ length: 500 }, (_, index) => ({
      [`${index} ${long}`]: long,
      b: [long, [long]],
    }))
    const wide = Object.fromEntries(rows.map((row, index) => [`${index}${long}`, row]))
    const example = maskedExample(
      callWith({
        path: `/users/${'x'.repeat(1_900)}`,
        query: Array.from({ length: 400 }, (_, index) => [`${index}${long}`, long]),
        headers: Array.from({ length: 200 }, (_, index) => [`x-${index}${long}`, long]),
        request: json(wide),
        response: json({ rows, wide }),
      }),
      endpointWith([]),
    )
    expect(JSON.stringify(example).length).toBeLessThanOrEqual(24_000)
    expect(example.requestBody?.cut).toBe(true)
  })
})
