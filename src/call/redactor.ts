import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { BoundedMap } from '../kit/bounded-map.ts'
import { SallyportError } from '../kit/error.ts'
import type { Fingerprint } from '../kit/id.ts'
import { type DecodeLimits, defaultDecodeLimits } from './content-limits.ts'
import type { Credential } from './credential.ts'
import type { Jwt } from './jwt.ts'
import { type JwtKey, verifyJwt } from './jwt-key.ts'
import { formatMask, isMask } from './mask.ts'
import { inspectText, type PayloadKind } from './payload/index.ts'
import { SecretNames } from './secret-name.ts'
import { findSecrets, mayHoldSecret } from './secret-value.ts'
import { unwrap } from './unwrap.ts'

export interface RedactorOptions {
  /** Key of the fingerprints, at least 16 bytes. Who has it can test guesses of a secret; keep it like one. */
  readonly key: Uint8Array
  /** Keys that JWT signatures are checked with; none: nothing is checked. */
  readonly jwtKeys?: readonly JwtKey[]
  /** `none` keeps no body at all, only its size. Default `redacted`. */
  readonly bodies?: 'redacted' | 'none'
  /** Names of further fields whose values are secret; case and separators do not matter. */
  readonly redactFields?: readonly string[]
  readonly limits?: DecodeLimits
  /** Values remembered of each credential header, and secrets; the oldest goes first. Default 4,096. */
  readonly cacheEntries?: number
}

/** What one header says: its value without secrets, and the credentials that stood in it. */
export interface HeaderReading {
  readonly masked: string
  readonly credentials: readonly Credential[]
}

const longestCached = 4_096

/** Headers whose values come again and again. A closed list: names are the caller's choice. */
const rememberedHeaders = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'apikey',
  'x-auth-token',
  'x-access-token',
  'x-forwarded-client-cert',
  'referer',
]

/**
 * Knows what is secret and puts keyed fingerprints in its place. One per process and key; what it remembers is bounded.
 * @throws SallyportError `config/invalid` for a key of less than 16 bytes
 */
export class Redactor {
  readonly limits: DecodeLimits
  readonly bodies: 'redacted' | 'none'
  readonly names: SecretNames
  readonly #key: KeyObject
  readonly #jwtKeys: readonly JwtKey[]
  readonly #fingerprints: BoundedMap<string, Fingerprint>
  readonly #headers: ReadonlyMap<string, BoundedMap<string, HeaderReading>>

  constructor(options: RedactorOptions) {
    if (options.key.length < 16) {
      throw new SallyportError('config/invalid', 'The fingerprint key is shorter than 16 bytes.', {
        where: 'key',
        mend: 'Give 32 random bytes.',
      })
    }
    this.#key = createSecretKey(options.key)
    this.#jwtKeys = options.jwtKeys ?? []
    this.bodies = options.bodies ?? 'redacted'
    this.limits = options.limits ?? defaultDecodeLimits
    this.names = new SecretNames(options.redactFields)
    const entries = options.cacheEntries ?? 4_096
    this.#fingerprints = new BoundedMap(entries)
    this.#headers = new Map(rememberedHeaders.map(name => [name, new BoundedMap(entries)] as const))
  }

  /** The first 128 bits of HMAC-SHA-256 over the UTF-8 of the secret, as 32 hex digits. */
  fingerprint(secret: string): Fingerprint {
    const seen = this.#fingerprints.peek(secret)
    if (seen !== undefined) return seen
    const made = createHmac('sha256', this.#key).update(secret).digest('hex').slice(0, 32) as Fingerprint
    if (secret.length <= longestCached) this.#fingerprints.set(secret, made)
    return made
  }

  /** The mask of a secret. What is a mask already stays as it is. */
  mask(what: string, secret: string, payload?: PayloadKind): string {
    if (isMask(secret)) return secret
    const fingerprint = this.fingerprint(secret).slice(0, 12)
    return formatMask(payload === undefined ? { what, fingerprint } : { what, payload, fingerprint })
  }

  /** The mask of a value that stands under a secret's name; masks and empty values stay. */
  maskNamed(what: string, value: string): string {
    if (value === '' || isMask(value)) return value
    const bare = /^(?:bearer|basic|token) +/i.exec(value)
    const from = bare === null || bare[0].length === value.length ? 0 : bare[0].length
    const secret = value.slice(from)
    if (isMask(secret)) return value
    const shape = mayHoldSecret(secret) ? findSecrets(secret)[0] : undefined
    const whole = shape !== undefined && shape.start === 0 && shape.end === secret.length
    const payload = whole ? undefined : this.payloadOf(secret)
    return value.slice(0, from) + this.mask(whole ? shape.what : what, secret, payload)
  }

  /** The attack that a secret is itself, encodings undone; only what is more likely one than not. */
  payloadOf(secret: string): PayloadKind | undefined {
    for (const plain of unwrap(secret.slice(0, longestCached), this.limits)) {
      const hit = inspectText(plain)
      if (hit !== undefined && hit.confidence >= 0.5) return hit.kind
    }
    return undefined
  }

  /** Replaces the secrets that their form gives away. */
  byForm(text: string): string {
    if (!mayHoldSecret(text)) return text
    const spans = findSecrets(text)
    if (spans.length === 0) return text
    let out = ''
    let from = 0
    for (const span of spans) {
      out += text.slice(from, span.start) + this.mask(span.what, text.slice(span.start, span.end))
      from = span.end
    }
    return out + text.slice(from)
  }

  /** Checks a token's signature with the keys given. */
  verify(jwt: Jwt): Credential['verification'] {
    return verifyJwt(jwt, this.#jwtKeys)
  }

  /** What a header says, remembered by its raw value: the same token comes thousands of times. */
  header(
    name: string,
    value: string,
    read: (name: string, value: string, redactor: Redactor) => HeaderReading,
  ): HeaderReading {
    const cache = this.#headers.get(name)
    if (cache === undefined) return read(name, value, this)
    const seen = cache.peek(value)
    if (seen !== undefined) return seen
    const made = read(name, value, this)
    if (value.length <= longestCached) cache.set(value, made)
    return made
  }
}
