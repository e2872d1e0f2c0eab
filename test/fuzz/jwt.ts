import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readCredentials } from '../../src/call/credentials.ts'
import { type Jwt, keepClaims, readJwt } from '../../src/call/jwt.ts'
import { type JwtKey, readJwtKeys, verifyJwt } from '../../src/call/jwt-key.ts'
import { Redactor } from '../../src/call/redactor.ts'
import { type FuzzTarget, numbers, one, type Pick } from './fuzz-target.ts'

/**
 * Tokens that were signed, changed: bytes, parts of one with parts of another, headers that name another algorithm or bring a key, and the
 * public key taken for a shared secret. Whatever comes, nothing is thrown, and only what was signed by one of the keys counts as checked.
 */

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const secret = 'a-shared-secret-of-the-fuzzed-tokens'
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const signers: Readonly<Record<string, (text: string) => Buffer>> = {
  RS256: text => sign('sha256', Buffer.from(text), rsa.privateKey),
  ES256: text => sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
  EdDSA: text => sign(null, Buffer.from(text), ed.privateKey),
  HS256: text => createHmac('sha256', secret).update(text).digest(),
}
const keySets: readonly (readonly JwtKey[])[] = [
  readJwtKeys(pem),
  readJwtKeys(secret),
  readJwtKeys(
    JSON.stringify({
      keys: [rsa, ec, ed].map(({ publicKey }: { readonly publicKey: KeyObject }, index) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid: `k${index}`,
      })),
    }),
  ),
]

/** What somebody without a key would sign with. */
const forgers: readonly ((text: string) => string)[] = [
  text => createHmac('sha256', pem).update(text).digest('base64url'),
  text => createHmac('sha256', pem.trim()).update(text).digest('base64url'),
  text =>
    createHmac('sha256', rsa.publicKey.export({ type: 'spki', format: 'der' }))
      .update(text)
      .digest('base64url'),
  text => createHmac('sha256', '').update(text).digest('base64url'),
  () => '',
  () => Buffer.alloc(64).toString('base64url'),
  () => Buffer.alloc(256).toString('base64url'),
]

const payloads = [
  { sub: 'alice', exp: 4_000_000_000 },
  { sub: 'admin', roles: ['admin'], iss: 'https://issuer.example' },
  { sub: 7, nested: { a: [1, { b: null }] }, scope: 'a b' },
]
const algorithms = ['RS256', 'ES256', 'EdDSA', 'HS256', 'none', 'None', 'HS512', 'PS256', 'ES384', '']

/** A genuine token for each signer and payload. */
const genuine = Object.entries(signers).flatMap(([alg, signer], index) =>
  payloads.map(payload => {
    const head = `${encoded({ alg, typ: 'JWT', ...(index < 3 ? { kid: `k${index}` } : {}) })}.${encoded(payload)}`
    return `${head}.${signer(head).toString('base64url')}`
  }),
)
const signed = new Set(genuine.map(token => token.slice(0, token.lastIndexOf('.'))))

function forged(pick: Pick): string {
  const header = {
    alg: one(algorithms, pick),
    ...one<object>(
      [
        {},
        { kid: `k${pick(4)}` },
        { kid: '../../dev/null' },
        { jwk: rsa.publicKey.export({ format: 'jwk' }) },
        { jku: 'https://attacker.example/keys' },
        { b64: false, crit: ['b64'] },
        { alg: { toString: 'x' } },
        { __proto__: { alg: 'none' } },
      ],
      pick,
    ),
  }
  const head = `${encoded(header)}.${encoded({ ...one(payloads, pick), forged: true })}`
  return `${head}.${one(forgers, pick)(head)}`
}

function mangled(pick: Pick): string {
  let token = pick(3) === 0 ? forged(pick) : one(genuine, pick)
  for (let left = pick(4); left > 0; left -= 1) {
    const at = pick(token.length + 1)
    switch (pick(6)) {
      case 0:
        token = token.slice(0, at) + String.fromCharCode(pick(256)) + token.slice(at + 1)
        break
      case 1:
        token = token.slice(0, at) + token.slice(at + 1 + pick(20))
        break
      case 2:
        token =
          token.slice(0, at) + one(['.', '..', '=', '%00', ' ', 'ey', '\u0000', '{}'], pick) + token.slice(at)
        break
      case 3: {
        const [mine, other] = [token.split('.'), one(genuine, pick).split('.')]
        token = mine.map((part, index) => (pick(2) === 0 ? part : (other[index] ?? part))).join('.')
        break
      }
      case 4:
        token += token.slice(at)
        break
      default:
        token = token.slice(0, at) + token.slice(at, at + 1 + pick(9)).repeat(pick(3_000)) + token.slice(at)
    }
  }
  return token
}

function judge(jwt: Jwt): void {
  keepClaims(jwt, name => name === 'sub')
  for (const keys of keySets)
    if (verifyJwt(jwt, keys) === 'verified' && !signed.has(jwt.signingInput))
      throw new Error(`a token that nobody signed counts as checked: ${jwt.signingInput}.${jwt.signature}`)
}

export const jwt: FuzzTarget = {
  id: 'jwt',
  law: 'nothing is thrown, and only what was signed with one of the keys counts as checked',
  smoke: 2_000,
  open: () => {
    const redactors = keySets.map(jwtKeys => new Redactor({ key: Buffer.alloc(32, 7), jwtKeys }))
    for (const token of genuine) {
      const read = readJwt(token)
      if (read === undefined || !keySets.some(keys => verifyJwt(read, keys) === 'verified'))
        throw new Error('a genuine token is not checked')
    }
    return {
      once: seed => {
        const pick = numbers(seed)
        const token = mangled(pick)
        const read = readJwt(token)
        if (read !== undefined) judge(read)
        const where = one(['authorization', 'cookie', 'x-api-key', 'x-forwarded-access-token'], pick)
        const value =
          where === 'authorization' ? `Bearer ${token}` : where === 'cookie' ? `sid=${token}` : token
        for (const credential of readCredentials(
          [[where, value]],
          `/a?access_token=${token}`,
          one(redactors, pick),
        ))
          if (credential.verification === 'verified' && read !== undefined && !signed.has(read.signingInput))
            throw new Error(`a token that nobody signed counts as checked: ${token}`)
      },
      close: () => {},
    }
  },
}
