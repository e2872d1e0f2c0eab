import { createHash } from 'node:crypto'
import { type Headers, headerOf } from './api-call.ts'
import { readClientCertificate } from './client-certificate.ts'
import { readJwt } from './jwt.ts'
import { maskEnd } from './mask.ts'
import type { Redactor } from './redactor.ts'

/** Members of a public key that its thumbprint is made of, in their order (RFC 7638 section 3.2, RFC 8037 section 2). */
const membersOf: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/** The SHA-256 thumbprint of a public key as a token's `cnf.jkt` names it, in base64url (RFC 7638); undefined where it is none. */
export function keyThumbprint(jwk: unknown): string | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const key = jwk as Readonly<Record<string, unknown>>
  const members = typeof key.kty === 'string' && Object.hasOwn(membersOf, key.kty) ? membersOf[key.kty] : []
  if (members === undefined || members.length === 0) return undefined
  if (!members.every(name => typeof key[name] === 'string')) return undefined
  const canonical = JSON.stringify(Object.fromEntries(members.map(name => [name, key[name]])))
  return createHash('sha256').update(canonical).digest('base64url')
}

const sealedProof = /^(?:;jkt=[\w-]{0,64}(?:;htm=[A-Z]{1,16})?)?$/

/**
 * A DPoP proof as it leaves the sensor: its mask, the thumbprint of the public key that it carries and the method that it is made for
 * (RFC 9449 section 4.2), `[redacted:jwt:0123456789ab];jkt=…;htm=GET`; the thumbprint is empty where the proof cannot be read. Its signature is not checked.
 */
export function sealProof(value: string, redactor: Redactor): string {
  if (value === '') return value
  const end = maskEnd(value, 0)
  if (end > 0 && sealedProof.test(value.slice(end))) return value
  const proof = readJwt(value)
  const htm = proof?.payload.htm
  const method = typeof htm === 'string' && /^[A-Z]{1,16}$/.test(htm) ? `;htm=${htm}` : ''
  return `${redactor.mask('jwt', value)};jkt=${keyThumbprint(proof?.key) ?? ''}${method}`
}

/** With what a caller shows that a token is its own. */
export interface Possession {
  /** Thumbprint of the key or certificate, as `cnf` has it; empty where it cannot be read. */
  readonly thumbprint: string
  /** The method that a DPoP proof is made for. */
  readonly method?: string
}

/** The DPoP proof of a sealed call; `unread` where it was sealed without its thumbprint. */
export function dpopOf(headers: Headers): Possession | 'unread' | undefined {
  const value = headerOf(headers, 'dpop')
  if (value === undefined || value === '') return undefined
  const [, thumbprint, method] = /;jkt=([\w-]{0,64})(?:;htm=([A-Z]{1,16}))?$/.exec(value) ?? []
  if (thumbprint === undefined) return 'unread'
  return method === undefined ? { thumbprint } : { thumbprint, method }
}

/** The client certificate that a proxy vouches for: its hash in hexadecimal becomes what `cnf.x5t#S256` has (RFC 8705 section 3.1). */
export function certificateOf(headers: Headers): Possession | 'unread' | undefined {
  const value = headerOf(headers, 'x-forwarded-client-cert')
  if (value === undefined || value === '') return undefined
  const hash = readClientCertificate(value).get('hash') ?? ''
  return /^[\da-f]{64}$/i.test(hash)
    ? { thumbprint: Buffer.from(hash, 'hex').toString('base64url') }
    : 'unread'
}

/** Whether a header shows that a token is its caller's own. */
export const showsPossession = (name: string): boolean =>
  name === 'dpop' || name === 'x-forwarded-client-cert'
