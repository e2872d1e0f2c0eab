import { createHmac, createSecretKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SallyportError } from '../kit/error.ts'
import { readCredentials } from './credentials.ts'
import { type JwtKey, readJwks, readJwtKeys } from './jwt-key.ts'
import { Redactor } from './redactor.ts'

const key = Buffer.alloc(32, 7)
const redactor = new Redactor({ key })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (payload: object, header: object = { alg: 'HS256', typ: 'JWT' }) =>
  `${part(header)}.${part(payload)}.c2lnbmF0dXJl`

const read = (headers: [string, string][], target = '/', by = redactor) =>
  readCredentials(headers, target, by)

describe('readCredentials', () => {
  it('finds each kind in its place', () => {
    const rows: [headers: [string, string][], target: string, expected: object][] = [
      [
        [['Authorization', `Bearer ${token({ sub: 'alice' })}`]],
        '/',
        { scheme: 'bearer-jwt', at: 'header:authorization', subject: 'alice', algorithm: 'HS256' },
      ],
      [
        [['authorization', token({ sub: 'alice' })]],
        '/',
        { scheme: 'bearer-jwt', at: 'header:authorization' },
      ],
      [[['authorization', 'Bearer opaque-token-1']], '/', { scheme: 'bearer', at: 'header:authorization' }],
      [[['authorization', 'Token 0123456789abcdef']], '/', { scheme: 'bearer' }],
      [[['authorization', 'ApiKey 0123456789abcdef']], '/', { scheme: 'api-key' }],
      [
        [['authorization', `Basic ${Buffer.from('bob:pw').toString('base64')}`]],
        '/',
        { scheme: 'basic', subject: 'bob' },
      ],
      [
        [
          [
            'authorization',
            'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=ab',
          ],
        ],
        '/',
        { scheme: 'signature', subject: 'AKIDEXAMPLE' },
      ],
      [
        [['authorization', 'Signature keyId="client-7",algorithm="rsa-sha256",signature="x"']],
        '/',
        { scheme: 'signature', subject: 'client-7' },
      ],
      [
        [['authorization', 'Digest username="bob", realm="x", response="y"']],
        '/',
        { scheme: 'signature', subject: 'bob' },
      ],
      [[['X-API-Key', 'k-0123456789']], '/', { scheme: 'api-key', at: 'header:x-api-key' }],
      [[['x-auth-token', 'k-0123456789']], '/', { scheme: 'api-key', at: 'header:x-auth-token' }],
      [[['x-acme-access-token', token({ sub: 'carol' })]], '/', { scheme: 'bearer-jwt', subject: 'carol' }],
      [[], '/a?api_key=k-0123456789', { scheme: 'api-key', at: 'query:api_key' }],
      [[], '/a?access_token=t-0123456789', { scheme: 'bearer', at: 'query:access_token' }],
      [
        [],
        `/a?state=${token({ sub: 'dave' })}`,
        { scheme: 'bearer-jwt', at: 'query:state', subject: 'dave' },
      ],
      [
        [],
        '/a?X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
        { scheme: 'signature', subject: 'AKIDEXAMPLE' },
      ],
      [[['cookie', 'theme=dark; sid=s-12345678']], '/', { scheme: 'session', at: 'cookie:sid' }],
      [
        [['cookie', `auth=${token({ sub: 'erin' })}`]],
        '/',
        { scheme: 'bearer-jwt', at: 'cookie:auth', subject: 'erin' },
      ],
      [
        [
          [
            'x-forwarded-client-cert',
            'By=spiffe://td/ns/a/sa/b;Hash=00ff;Subject="CN=x,O=y";URI=spiffe://td/ns/shop/sa/orders',
          ],
        ],
        '/',
        { scheme: 'mtls', subject: 'spiffe://td/ns/shop/sa/orders' },
      ],
      [
        [['x-forwarded-client-cert', 'Hash=00ff;Subject="CN=client;1,O=Acme"']],
        '/',
        { scheme: 'mtls', subject: 'CN=client;1,O=Acme' },
      ],
    ]
    for (const [headers, target, expected] of rows) {
      const found = read(headers, target)
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({ ...expected, verification: 'unverified' })
    }
    expect(rows.length).toBe(20)
  })

  it('finds none where there is none', () => {
    const rows: [headers: [string, string][], target: string][] = [
      [[], '/a?page=2&key=name&token='],
      [[['cookie', '_ga=GA1.2.1234567890.1234567890; theme=dark; csrftoken=abcdefghijklmnopqrstuvwx']], '/'],
      [[['authorization', '']], '/'],
      [[['authorization', 'Bearer [redacted:jwt:0123456789ab]']], '/'],
      [[['cookie', 'sid=[redacted:session:0123456789ab]']], '/'],
      [[['x-csrf-token', 'abcdefghijklmnop']], '/'],
      [[['cookie', "sid=1' OR '1'='1"]], '/'],
    ]
    for (const [headers, target] of rows) expect(read(headers, target)).toEqual([])
    expect(rows.length).toBe(7)
  })

  it('puts the best evidence first', () => {
    const headers: [string, string][] = [
      ['cookie', 'sid=s-12345678'],
      ['x-api-key', 'k-0123456789'],
      ['authorization', `Bearer ${token({ sub: 'alice' })}`],
      ['x-forwarded-client-cert', 'Hash=00ff;URI=spiffe://td/a'],
    ]
    expect(read(headers, '/?access_token=t-0123456789').map(credential => credential.scheme)).toEqual([
      'bearer-jwt',
      'mtls',
      'bearer',
      'api-key',
      'session',
    ])
  })

  it('keeps the claims worth keeping, within bounds', () => {
    const custom = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, index]))
    const payload = {
      ...custom,
      sub: 'alice',
      iss: 'https://id.example',
      aud: ['a', 'b'],
      exp: 5,
      roles: ['admin'],
      act: { sub: 'agent-1' },
      cnf: { jkt: 'thumb' },
      address: { street: 'x' },
      password: 'hunter2',
      api_key: 'k',
      __proto__: null,
      long: 'x'.repeat(1_000),
    }
    const { claims } = read([['authorization', `Bearer ${token(payload)}`]])[0]!
    expect(claims).toMatchObject({
      sub: 'alice',
      iss: 'https://id.example',
      aud: ['a', 'b'],
      exp: 5,
      roles: ['admin'],
      'act.sub': 'agent-1',
      'cnf.jkt': 'thumb',
      typ: 'JWT',
    })
    const names = Object.keys(claims!)
    expect(names.filter(name => /^c\d+$/.test(name))).toHaveLength(24)
    for (const gone of ['password', 'api_key', 'address', 'act', 'cnf']) expect(names).not.toContain(gone)
  })

  it('is bounded: 32 credentials of a request', () => {
    const cookies = Array.from({ length: 500 }, (_, index) => `sess${index}=value-${index}`).join('; ')
    const query = Array.from({ length: 500 }, (_, index) => `token=value-${index}`).join('&')
    expect(read([['cookie', cookies]], `/?${query}`)).toHaveLength(32)
  })
})

describe('signatures', () => {
  const signed = (alg: string, signer: (input: string) => Buffer, kid?: string) => {
    const input = `${part({ alg, ...(kid === undefined ? {} : { kid }) })}.${part({ sub: 'alice' })}`
    return `${input}.${signer(input).toString('base64url')}`
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ed = generateKeyPairSync('ed25519')
  const secret = Buffer.from('a shared secret of many bytes')
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const verification = (jwt: string, jwtKeys: readonly JwtKey[]) =>
    readCredentials([['authorization', `Bearer ${jwt}`]], '/', new Redactor({ key, jwtKeys }))[0]!
      .verification

  it('checks each family, and refuses confusion', () => {
    const hs = signed('HS256', input => createHmac('sha256', secret).update(input).digest())
    const rs = signed('RS256', input => sign('sha256', Buffer.from(input), rsa.privateKey))
    const ps = signed('PS256', input =>
      sign('sha256', Buffer.from(input), { key: rsa.privateKey, padding: 6, saltLength: 32 }),
    )
    const es = signed(
      'ES256',
      input => sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
      'k1',
    )
    const eddsa = signed('EdDSA', input => sign(null, Buffer.from(input), ed.privateKey))
    // The public key's text as an HMAC secret: the classic confusion.
    const confused = signed('HS256', input => createHmac('sha256', publicPem).update(input).digest())
    const unsigned = `${part({ alg: 'none' })}.${part({ sub: 'admin' })}.`
    const symmetric = [{ key: createSecretKey(secret) }]
    const rsaKeys = readJwtKeys(publicPem)
    const ecKeys = readJwks({
      keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }],
    })
    const otherKid = readJwks({ keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k2' }] })
    const edKeys = readJwks(ed.publicKey.export({ format: 'jwk' }))
    const rows: [string, readonly JwtKey[], string][] = [
      [hs, symmetric, 'verified'],
      [rs, rsaKeys, 'verified'],
      [ps, rsaKeys, 'verified'],
      [es, ecKeys, 'verified'],
      [eddsa, edKeys, 'verified'],
      [rs, [...symmetric, ...edKeys, ...rsaKeys], 'verified'],
      [hs, [], 'unverified'],
      [es, otherKid, 'invalid'],
      [es, symmetric, 'invalid'],
      [confused, rsaKeys, 'invalid'],
      [unsigned, rsaKeys, 'invalid'],
      [`${hs.slice(0, -4)}AAAA`, symmetric, 'invalid'],
      [`${rs.slice(0, -8)}AAAAAAAA`, rsaKeys, 'invalid'],
    ]
    for (const [jwt, keys, expected] of rows) expect(verification(jwt, keys)).toBe(expected)
    expect(rows.length).toBe(13)
  })

  it('ranks a refused token last', () => {
    const forged = token({ sub: 'admin' })
    const found = readCredentials(
      [
        ['authorization', `Bearer ${forged}`],
        ['cookie', 'sid=s-12345678'],
      ],
      '/',
      new Redactor({ key, jwtKeys: readJwtKeys(secret.toString()) }),
    )
    expect(found.map(credential => [credential.scheme, credential.verification])).toEqual([
      ['session', 'unverified'],
      ['bearer-jwt', 'invalid'],
    ])
  })

  it('notes what no honest issuer writes into a header', () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const rows: readonly (readonly [object, string, readonly string[]])[] = [
      [{ alg: 'RS256', kid: 'arn:aws:kms:eu-1:1:key/7f-1' }, 's', []],
      [{ alg: 'none' }, '', ['unsigned']],
      [{ alg: 'NoNe' }, 'c2ln', ['unsigned']],
      [{ alg: 'HS256' }, '', ['unsigned']],
      [{ alg: 'RS256', jku: 'https://keys.example/jwks' }, 's', ['jku']],
      [{ alg: 'RS256', jwk: { kty: 'RSA' }, x5u: 'https://x' }, 's', ['x5u', 'jwk']],
      [{ alg: 'HS256', kid: '../../dev/null' }, 's', ['kid']],
      [{ alg: 'HS256', kid: "x' UNION SELECT 'k" }, 's', ['kid']],
    ]
    for (const [header, signature, oddities] of rows) {
      const jwt = `${part(header)}.${part({ sub: 'a' })}.${signature}`
      const [found] = readCredentials([['authorization', `Bearer ${jwt}`]], '/', new Redactor({ key }))
      expect(found?.oddities ?? [], JSON.stringify(header)).toEqual(oddities)
    }
    expect(rows.length).toBe(8)
  })

  it('keeps who acts for whom', () => {
    const act = { sub: 'assistant', act: { sub: 'planner', act: { client_id: 'portal' } } }
    const [found] = readCredentials(
      [['authorization', `Bearer ${token({ sub: 'alice', act })}`]],
      '/',
      new Redactor({ key }),
    )
    expect(found?.claims?.['act.chain']).toEqual(['assistant', 'planner', 'portal'])
    expect(found?.claims?.['act.sub']).toBe('assistant')
  })

  it('says what is wrong with a key', () => {
    const rows = [
      '',
      '{',
      '{"keys":{}}',
      '{"keys":[{"kty":"RSA"}]}',
      '{"keys":[{"kty":"oct","k":""}]}',
      '{"keys":[{"kty":"RSA","use":"enc"}]}',
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
    ]
    for (const source of rows) {
      let thrown: unknown
      try {
        readJwtKeys(source)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SallyportError)
      expect((thrown as SallyportError).code).toBe('config/invalid')
    }
    expect(rows.length).toBe(7)
  })
})

it('finds the shortest credential wherever it stands in a query, and none that is shorter', () => {
  const rows: readonly (readonly [query: string, found: number])[] = [
    ['token=abcdefgh', 1],
    ['a=1&b=2&token=abcdefgh', 1],
    ['token=%61bcdefgh&a', 1],
    ['token=abcdefg', 0],
    ['token=abc&defghijk', 0],
    ['token&a=bcdefgh', 0],
    ['token==abcdefg', 1],
    ['token=abcdefgh&session=ijklmnop', 2],
    ['', 0],
  ]
  for (const [query, found] of rows) expect(read([], `/x?${query}`), query).toHaveLength(found)
  expect(rows).toHaveLength(9)
})
