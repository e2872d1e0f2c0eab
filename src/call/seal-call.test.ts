import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectMessage } from './payload/inspect-message.ts'
import type { RawExchange } from './raw-exchange.ts'
import { Redactor } from './redactor.ts'
import { sealCall } from './seal-call.ts'

const key = Buffer.alloc(32, 7)
const redactor = new Redactor({ key })

const body = (text: string) => ({ bytes: Buffer.from(text), size: Buffer.byteLength(text), truncated: false })

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'alice', iss: 'https://id.example' })}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg`

type Change = {
  method?: string
  target?: string
  headers?: [string, string][]
  body?: string
  response?: { status?: number; headers?: [string, string][]; body?: string }
  host?: string
}

const exchange = (change: Change = {}): RawExchange => ({
  id: 'c-1',
  time: 1_000,
  source: { ip: '192.0.2.1' },
  destination: { host: change.host ?? 'api.shop.example' },
  request: {
    method: change.method ?? 'POST',
    target: change.target ?? '/login',
    httpVersion: '1.1',
    headers: change.headers ?? [],
    ...(change.body === undefined ? {} : { body: body(change.body) }),
  },
  ...(change.response === undefined
    ? {}
    : {
        response: {
          status: change.response.status ?? 200,
          headers: change.response.headers ?? [],
          ...(change.response.body === undefined ? {} : { body: body(change.response.body) }),
        },
      }),
})

describe('sealCall', () => {
  it('links a token handed out at login to its later use', () => {
    const login = sealCall(
      exchange({
        body: '{"username":"alice","password":"hunter2"}',
        response: { body: `{"token":"${jwt}"}` },
      }),
      redactor,
    )
    const use = sealCall(
      exchange({ method: 'GET', target: '/orders', headers: [['Authorization', `Bearer ${jwt}`]] }),
      redactor,
    )
    const fingerprint = use.credentials[0]!.fingerprint
    expect(login.response!.content).toEqual({
      kind: 'json',
      value: { token: `[redacted:jwt:${fingerprint.slice(0, 12)}]` },
    })
    expect(use.request.headers).toEqual([
      ['authorization', `Bearer [redacted:jwt:${fingerprint.slice(0, 12)}]`],
    ])
    expect(login.request.content).toMatchObject({
      value: { username: 'alice', password: expect.stringMatching(/^\[redacted:password:/) },
    })
  })

  it('gives an opaque token one fingerprint in header, query, cookie and body', () => {
    const secret = 'Zx81qPw93kLmN0vB'
    const seal = (change: Change) => JSON.stringify(sealCall(exchange(change), redactor))
    const mark = redactor.fingerprint(secret).slice(0, 12)
    const places: Change[] = [
      { headers: [['authorization', `Bearer ${secret}`]] },
      { headers: [['x-api-key', secret]] },
      { headers: [['cookie', `sid=${secret}`]] },
      { target: `/a?access_token=${secret}` },
      { body: `{"data":{"accessToken":"${secret}"}}`, headers: [['content-type', 'application/json']] },
      {
        body: `refresh_token=${secret}&x=1`,
        headers: [['content-type', 'application/x-www-form-urlencoded']],
      },
      { response: { headers: [['set-cookie', `sid=${secret}; Path=/`]] } },
    ]
    for (const place of places) {
      expect(seal(place)).toContain(`:${mark}]`)
      expect(seal(place)).not.toContain(secret)
    }
    expect(places.length).toBe(7)
  })

  it('keeps personal data, which classification needs', () => {
    const call = sealCall(
      exchange({ body: '{"card":"4111111111111111","email":"a@example.com","cvv":"123"}' }),
      redactor,
    )
    expect(call.request.content).toMatchObject({
      value: {
        card: '4111111111111111',
        email: 'a@example.com',
        cvv: expect.stringMatching(/^\[redacted:cvv:/),
      },
    })
  })

  it('keeps no body with bodies: none, only its size', () => {
    const call = sealCall(
      exchange({ body: '{"a":1}', response: { body: 'hello' } }),
      new Redactor({ key, bodies: 'none' }),
    )
    expect([call.request.content, call.request.bodySize]).toEqual([{ kind: 'empty' }, 7])
    expect([call.response!.content, call.response!.bodySize]).toEqual([{ kind: 'empty' }, 5])
  })

  it('says of a payload in a secret place what it is, and nothing of its text', () => {
    const call = sealCall(exchange({ body: '{"password":"x\' OR \'1\'=\'1"}' }), redactor)
    expect(call.request.content).toMatchObject({
      value: { password: expect.stringMatching(/^\[redacted:password--sql-injection:[0-9a-f]{12}\]$/) },
    })
    const again = inspectMessage(call.request, redactor.limits)
    expect(again).toMatchObject({ kind: 'sql-injection', at: 'password' })
  })

  it('keeps the operators of a NoSQL injection in a password', () => {
    const call = sealCall(exchange({ body: '{"username":"admin","password":{"$ne":""}}' }), redactor)
    expect(call.request.content).toEqual({
      kind: 'json',
      value: { username: 'admin', password: { $ne: '' } },
    })
  })

  it('keeps an own `__proto__` key as data', () => {
    const call = sealCall(exchange({ body: '{"__proto__":{"admin":true,"password":"p4ssw0rd!"}}' }), redactor)
    const { content } = call.request
    if (content.kind !== 'json') throw new Error('not json')
    expect(JSON.stringify(content.value)).toMatch(
      /^\{"__proto__":\{"admin":true,"password":"\[redacted:password:[0-9a-f]{12}\]"\}\}$/,
    )
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('normalises the target, and the host', () => {
    const rows: [target: string, path: string, target: string][] = [
      ['/a/b?x=1&y=%20', '/a/b', '/a/b?x=1&y=%20'],
      ['*', '/*', '/*'],
      ['example.com:443', '/*', '/*'],
      ['http://example.com/a?b=c', '/a', '/a?b=c'],
      ['http://example.com', '/', '/'],
      ['', '/', '/'],
      ['/a#frag', '/a', '/a'],
      ['/a?', '/a', '/a?'],
    ]
    for (const [raw, path, target] of rows) {
      const { request } = sealCall(exchange({ target: raw }), redactor)
      expect([raw, request.path, request.target]).toEqual([raw, path, target])
    }
    expect(rows.length).toBe(8)
    expect(sealCall(exchange({ host: 'API.Shop.Example:443' }), redactor).destination.host).toBe(
      'api.shop.example',
    )
    expect(sealCall(exchange({ host: 'api.shop.example:8443' }), redactor).destination.host).toBe(
      'api.shop.example:8443',
    )
  })

  it('masks cookies, and leaves what can be no secret readable', () => {
    const rows: [cookie: string, expected: RegExp][] = [
      ['sid=2|1:0|10:1767225600|3:sid|8:YWJj|0a1b2c', /^sid=\[redacted:session:[0-9a-f]{12}\]$/],
      ['auth=%7B%22t%22%3A%22opaque%22%7D', /^auth=\[redacted:session:[0-9a-f]{12}\]$/],
      ['prefs={"password":"hunter2"}', /^prefs=\[redacted:cookie:[0-9a-f]{12}\]$/],
      ["id=1' OR '1'='1", /^id=1' OR '1'='1$/],
      ['lonely-value', /^\[redacted:cookie:[0-9a-f]{12}\]$/],
    ]
    for (const [cookie, expected] of rows) {
      expect(sealCall(exchange({ headers: [['cookie', cookie]] }), redactor).request.headers[0]?.[1]).toMatch(
        expected,
      )
    }
    expect(rows.length).toBe(5)
  })

  it('cuts what is nested too deeply, and keeps the rest', () => {
    const deep = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`
    const text = JSON.stringify(sealCall(exchange({ body: `{"a":${deep},"b":2}` }), redactor).request.content)
    expect(text).toContain('[cut: nested too deeply]')
    expect(text).toContain('"b":2')
    expect(text.length).toBeLessThan(200)
  })

  it('takes secrets out of paths', () => {
    const rows: [string, RegExp][] = [
      [`/verify/${jwt}/now`, /^\/verify\/\[redacted:jwt:[0-9a-f]{12}\]\/now$/],
      ['/a;jsessionid=ABCDEF0123456789?x=1', /^\/a;jsessionid=\[redacted:session:[0-9a-f]{12}\]\?x=1$/],
      [
        '/password/reset/token/9f8e7d6c5b4a39281706',
        /^\/password\/reset\/token\/\[redacted:token:[0-9a-f]{12}\]$/,
      ],
      ['/token/refresh', /^\/token\/refresh$/],
    ]
    for (const [target, expected] of rows)
      expect(sealCall(exchange({ target }), redactor).request.target).toMatch(expected)
    expect(rows.length).toBe(4)
  })
})

/** Secrets as services hand them out: 16 to 40 characters of the token alphabet, and at least one letter of each case. */
const secretText = fc
  .stringMatching(/^[A-Za-z0-9]{16,40}$/)
  .map(text => `Qz7${text}xK9`)
  .filter(text => !/^[0-9]+$/.test(text))

const secretKey = fc.constantFrom(
  'password',
  'newPassword',
  'api_key',
  'client_secret',
  'accessToken',
  'refresh-token',
  'OTP',
  'session_id',
)
const tree = (inner: fc.Arbitrary<unknown>) =>
  fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof(
      { depthSize: 'small' },
      inner,
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      fc.record({ name: fc.string(), nested: tie('node') }),
    ),
  })).node

const placed = fc.oneof(
  fc.tuple(secretText, fc.constantFrom('authorization', 'proxy-authorization')).map(([secret, name]) => ({
    secret,
    change: { headers: [[name, `Bearer ${secret}`]] as [string, string][] },
  })),
  fc
    .tuple(
      secretText,
      fc.constantFrom(
        'X-API-Key',
        'x-auth-token',
        'x-vault-token',
        'x-acme-session-token',
        'authorization',
        'x-csrf-token',
      ),
    )
    .map(([secret, name]) => ({ secret, change: { headers: [[name, secret]] as [string, string][] } })),
  fc.tuple(secretText, fc.stringMatching(/^[a-z_]{1,12}$/)).map(([secret, name]) => ({
    secret,
    change: { headers: [['cookie', `theme=dark; ${name}=${secret}`]] as [string, string][] },
  })),
  fc.tuple(secretText, fc.stringMatching(/^[a-z_]{1,12}$/)).map(([secret, name]) => ({
    secret,
    change: { response: { headers: [['set-cookie', `${name}=${secret}; HttpOnly`]] as [string, string][] } },
  })),
  fc.tuple(secretText, secretKey, fc.boolean()).map(([secret, name, percent]) => ({
    secret,
    change: { target: `/a?x=1&${name}=${percent ? secret.replace('Q', '%51') : secret}&y=2` },
  })),
  fc.tuple(secretText, secretKey).chain(([secret, name]) =>
    tree(fc.constant({ [name]: secret })).map(value => ({
      secret,
      change: {
        body: JSON.stringify(value),
        headers: [['content-type', 'application/json']] as [string, string][],
      },
    })),
  ),
  fc.tuple(secretText, secretKey).map(([secret, name]) => ({
    secret,
    change: {
      body: `a=b&${name}=${secret}`,
      headers: [['content-type', 'application/x-www-form-urlencoded']] as [string, string][],
    },
  })),
  fc.tuple(secretText, secretKey).map(([secret, name]) => ({
    secret,
    change: {
      body: `{"broken": 1, "${name}": "${secret}", `,
      headers: [['content-type', 'application/json']] as [string, string][],
    },
  })),
  fc.tuple(secretText, secretKey).map(([secret, name]) => ({
    secret,
    change: {
      response: {
        body: `<a><${name}>${secret}</${name}></a>`,
        headers: [['content-type', 'application/xml']] as [string, string][],
      },
    },
  })),
  fc
    .tuple(secretText, fc.string(), fc.constantFrom('ghp_', 'sk_live_', 'sk-ant-api03-', 'glpat-'))
    .map(([text, around, prefix]) => {
      const secret = `${prefix}${text.padEnd(36, '0')}`
      return {
        secret,
        change: {
          body: JSON.stringify({ comment: `${around.replace(/[A-Za-z0-9_-]/g, '')} ${secret} ${around}` }),
        },
      }
    }),
  fc.tuple(fc.string(), fc.string()).map(([sub, before]) => {
    const secret = `${part({ alg: 'HS256' })}.${part({ sub })}.${'s'.repeat(20)}`
    return {
      secret,
      change: {
        body: `${before} ${secret}`,
        headers: [['content-type', 'text/plain']] as [string, string][],
      },
    }
  }),
  fc.tuple(secretText, secretKey).map(([secret, name]) => ({
    secret,
    change: {
      body: `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${secret}\r\n--b--\r\n`,
      headers: [['content-type', 'multipart/form-data; boundary=b']] as [string, string][],
    },
  })),
)

describe('the law of redaction', () => {
  it('leaves no secret in the sealed call, wherever it stood', () => {
    fc.assert(
      fc.property(placed, ({ secret, change }) => {
        expect(JSON.stringify(sealCall(exchange(change), redactor))).not.toContain(secret)
      }),
      { numRuns: 1_500 },
    )
  })

  it('never throws, whatever comes', () => {
    const pair = fc.tuple(fc.string(), fc.string())
    const type = fc.constantFrom(
      'application/json',
      'multipart/form-data; boundary=b',
      'text/xml',
      'application/x-www-form-urlencoded',
      'a/b',
      '',
    )
    const coding = fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'gzip, br', 'x', '')
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(pair),
        fc.uint8Array(),
        type,
        coding,
        (target, pairs, bytes, contentType, encoding) => {
          const headers = [...pairs, ['content-type', contentType], ['content-encoding', encoding]] as [
            string,
            string,
          ][]
          const call = sealCall(
            {
              ...exchange(),
              request: {
                method: 'GET',
                target,
                httpVersion: '1.1',
                headers,
                body: { bytes, size: bytes.length, truncated: false },
              },
            },
            redactor,
          )
          expect(call.request.path.startsWith('/')).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
