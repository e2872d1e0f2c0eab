import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ShopRole } from './seed.ts'

export interface ShopClaims {
  readonly iss: 'shop'
  readonly sub: string
  readonly tenant: string
  readonly roles: readonly ShopRole[]
  readonly jti: string
  /** Seconds since the epoch. */
  readonly iat: number
  readonly exp: number
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const sign = (text: string, secret: string): Buffer => createHmac('sha256', secret).update(text).digest()

/** A JWT signed with HS256 (RFC 7519, RFC 7518 section 3.2). */
export function issueToken(claims: ShopClaims, secret: string): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${sign(text, secret).toString('base64url')}`
}

/** The claims of a token that is signed with the secret and not over; anything else is undefined. */
export function readToken(token: string, secret: string, now: number): ShopClaims | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  const expected = sign(`${header}.${payload}`, secret)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as ShopClaims
  return claims.exp * 1_000 > now ? claims : undefined
}
