import type { Observation } from '../../baseline/observation.ts'
import type { Claims, Credential, TokenOddity } from '../../call/credential.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Fingerprint, PrincipalId } from '../../kit/id.ts'
import { pairKeys } from '../../kit/pair-key.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenUse } from '../tokens/token-book.ts'
import { tokenFinding } from '../tokens/token-finding.ts'
import type { Why } from '../tuning/why.ts'
import { counted } from '../words.ts'

/** How an issuer's tokens look at one application. */
interface Issuer {
  readonly principals: Set<PrincipalId>
  tokens: number
  readonly algorithms: Set<string>
  readonly keyIds: Set<string>
  readonly claims: Set<string>
  /** Claims of every token so far. */
  readonly always: Set<string>
  /** Longest life of a token, seconds. */
  lifetime: number
}

/** What became of tokens of one key id. */
interface Key {
  /** Some were checked and right: others that are not are forged, whatever becomes of them. */
  verified: boolean
  readonly accepted: Set<PrincipalId>
  readonly refused: Set<PrincipalId>
}

const givesPower = /role|admin|scope|scp|perm|group|priv|entitle|authorit/i
/** What a token is like is learned from its first uses, and from one in sixteen then. */
const learnedUses = 16

/** Tokens that no issuer gave: unsigned, signed with a wrong key, or unlike any other. */
class ForgedTokenRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #issuers: BoundedMap<string, Issuer>
  #keys = new BoundedMap<string, Key>(1_000)
  /** Where unsigned tokens are what everybody has. */
  #unsigned = new BoundedMap<string, Set<PrincipalId>>(1_000)
  /** Client → in whose names it tried tokens that were refused, and since when. */
  #tried = new BoundedMap<string, { readonly from: number; readonly names: Set<string> }>(1_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#issuers = new BoundedMap(context.option('issuers'))
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, fingerprint } = use
    const credential = bearerOf(o, fingerprint)
    if (credential === undefined || o.outcome === 'unknown') return []
    const finding = this.#judge(use, credential)
    if (
      finding === undefined &&
      o.outcome === 'success' &&
      credential.verification !== 'invalid' &&
      (use.token.uses <= learnedUses || use.token.uses % learnedUses === 0)
    )
      this.#learn(o, credential)
    return o.learning || finding === undefined ? [] : [finding]
  }

  why(o: Observation): Why | undefined {
    const { token } = o.identity
    const credential = token === undefined ? undefined : bearerOf(o, token)
    if (token !== undefined && credential === undefined)
      return { state: 'other-kind', text: 'Its credential is no signed token.' }
    if (credential === undefined) return undefined
    if (credential.verification === 'verified')
      return { state: 'below', text: 'A known key checks its token: nobody forged it.' }
    const issuer = this.#issuers.peek(issuerKey(o, credential.claims ?? {}))
    const threshold = this.#context.option('tokens')
    const numbers = { value: issuer?.tokens ?? 0, threshold, unit: 'uses of tokens of its issuer' }
    return issuer === undefined || !this.#isSettled(issuer)
      ? {
          state: 'learning',
          text: `No key is known to check its token with, and too little of how its issuer makes them: ${counted(numbers.value, 'use')} (from ${threshold} on, of five principals).`,
          ...numbers,
        }
      : {
          state: 'below',
          text: `No key is known to check its token with; in algorithm, life and powers it is like the others of its issuer, ${counted(numbers.value, 'use')} of ${counted(issuer.principals.size, 'principal')}.`,
          ...numbers,
        }
  }

  size(): number {
    return this.#issuers.size + this.#keys.size + this.#unsigned.size
  }

  save(): unknown {
    const saved: Saved = {
      issuers: this.#issuers,
      keys: this.#keys,
      unsigned: this.#unsigned,
      tried: this.#tried,
    }
    return saved
  }

  load(saved: unknown): void {
    const { issuers, keys, unsigned, tried } = saved as Saved
    this.#issuers = issuers
    this.#keys = keys
    this.#unsigned = unsigned
    this.#tried = tried
  }

  #judge(use: TokenUse, credential: Credential): Finding | undefined {
    const { observation: o } = use
    const success = o.outcome === 'success'
    // An endpoint that asks nobody who they are accepts anything: that says nothing of the token.
    const counts = !success || use.asks || this.#context.owners.of(o.match.endpoint).length > 0
    const odd = credential.oddities ?? none
    if (odd.includes('unsigned')) {
      if (this.#isCustom(o, credential)) return undefined
      return this.#finding(use, credential, 'unsigned', counts ? 0.95 : 0.8, {})
    }
    const brought = odd.length === 0 ? none : odd.filter(oddity => oddity !== 'x5c')
    if (brought.length > 0 && credential.verification !== 'verified')
      return this.#finding(use, credential, 'header', 0.9, { header: brought.map(nameOf).join(' and ') })
    if (credential.verification === 'invalid')
      return this.#isRotation(o, credential)
        ? undefined
        : this.#finding(use, credential, 'signature', counts ? 0.95 : 0.8, {})
    if (credential.verification === 'verified') {
      this.#keyOf(o, credential).verified = true
      return undefined
    }
    const unlike = this.#unlike(o, credential, mayBeIssued(use))
    if (unlike.length > 0)
      return this.#finding(use, credential, 'unlike', unlike.length > 1 ? 0.9 : 0.75, {
        unlike: unlike.join('; '),
      })
    return this.#isUnissued(use)
      ? this.#finding(use, credential, 'unissued', 0.88, { issued: use.issuance.known })
      : undefined
  }

  /**
   * Several people's unsigned tokens in settled history: nobody checks anything here, which is a finding about the application. Where only
   * the signature is missing, a recorder may have cut it off of all.
   */
  #isCustom(o: Observation, { algorithm }: Credential): boolean {
    const cut = algorithm?.toLowerCase() !== 'none'
    const principals = this.#unsigned.ensure(`${o.call.destination.host}\0${cut}`, () => new Set())
    if ((o.learning || cut) && o.outcome === 'success' && principals.size < 16)
      principals.add(o.identity.principal)
    return principals.size >= this.#context.option('custom')
  }

  /**
   * Tokens of a key nobody told us of that are accepted: the keys were changed and ours are old. Without a key id it takes several people
   * to tell.
   */
  #isRotation(o: Observation, credential: Credential): boolean {
    const key = this.#keyOf(o, credential)
    const success = o.outcome === 'success'
    const place = success ? key.accepted : key.refused
    if (place.size < 64) place.add(subjectOf(credential, o))
    if (credential.keyId !== undefined && key.verified) return false
    if (success && credential.keyId !== undefined) return true
    return key.accepted.size >= this.#context.option('rotation') && key.accepted.size > key.refused.size
  }

  #keyOf(o: Observation, { keyId }: Credential): Key {
    return this.#keys.ensure(`${o.call.destination.host}\0${keyId ?? ''}`, () => ({
      verified: false,
      accepted: new Set(),
      refused: new Set(),
    }))
  }

  /** In what a token differs from those its issuer gave to others. One that was seen when it was handed out is none. */
  #unlike(o: Observation, { claims = {}, algorithm, keyId }: Credential, issued: boolean): readonly string[] {
    const issuer = this.#issuers.peek(issuerKey(o, claims))
    if (issued || issuer === undefined || !this.#isSettled(issuer)) return []
    const unlike: string[] = []
    if (algorithm !== undefined && !issuer.algorithms.has(algorithm))
      unlike.push(`signed with ${algorithm} and not ${[...issuer.algorithms].join(' or ')}`)
    const life = lifetimeOf(claims)
    if (issuer.lifetime > 0 && life === undefined) unlike.push('never runs out')
    else if (life !== undefined && life > this.#context.option('lifetimeFactor') * issuer.lifetime)
      unlike.push(`lives ${Math.round(life / 3_600)} hours and not ${Math.ceil(issuer.lifetime / 3_600)}`)
    const powers: string[] = []
    for (const name in claims) if (!issuer.claims.has(name) && givesPower.test(name)) powers.push(name)
    if (powers.length > 0) unlike.push(`claims ${powers.slice(0, 3).join(', ')}`)
    const missing: string[] = []
    for (const name of issuer.always) if (claims[name] === undefined) missing.push(name)
    if (missing.length > 0) unlike.push(`lacks ${missing.slice(0, 3).join(', ')}`)
    if (unlike.length > 0 && keyId !== undefined && !issuer.keyIds.has(keyId)) unlike.push('an unknown key')
    // One difference alone is what an update of the issuer makes; a change of the algorithm is not made in passing.
    const decisive =
      unlike.length > 1 ||
      (algorithm !== undefined && !issuer.algorithms.has(algorithm) && keyId === undefined)
    return decisive ? unlike : []
  }

  #isSettled({ tokens, principals }: Issuer): boolean {
    return (
      tokens >= this.#context.option('tokens') &&
      principals.size >= Math.min(5, this.#context.option('tokens'))
    )
  }

  /** Only where practically every token was seen on its way out is one that was not a forgery. */
  #isUnissued(use: TokenUse): boolean {
    const { observation: o, issuance } = use
    const { iat } = o.identity.claims
    if (mayBeIssued(use) || o.identity.kind !== 'user') return false
    if (typeof iat !== 'number' || iat * 1_000 < issuance.since) return false
    return (
      issuance.known >= this.#context.option('tokens') &&
      issuance.principals.size >= 5 &&
      issuance.known >= 0.9 * (issuance.known + issuance.unknown)
    )
  }

  #learn(o: Observation, { claims = {}, algorithm, keyId }: Credential): void {
    const issuer = this.#issuers.ensure(issuerKey(o, claims), () => ({
      principals: new Set(),
      tokens: 0,
      algorithms: new Set(),
      keyIds: new Set(),
      claims: new Set(),
      always: new Set(Object.keys(claims)),
      lifetime: 0,
    }))
    issuer.tokens += 1
    if (issuer.principals.size < 64) issuer.principals.add(o.identity.principal)
    if (algorithm !== undefined && issuer.algorithms.size < 4) issuer.algorithms.add(algorithm)
    if (keyId !== undefined && issuer.keyIds.size < 32) issuer.keyIds.add(keyId)
    for (const name in claims) if (issuer.claims.size < 128) issuer.claims.add(name)
    for (const name of issuer.always) if (claims[name] === undefined) issuer.always.delete(name)
    issuer.lifetime = Math.max(issuer.lifetime, lifetimeOf(claims) ?? 0)
  }

  /** In how many people's names the client tried tokens by now. */
  #names({ observation: o }: TokenUse, subject: string): number {
    if (o.learning) return 0
    const { time } = o.call
    const known = this.#tried.get(o.identity.device)
    const tried =
      known !== undefined && time - known.from <= tryingMs ? known : { from: time, names: new Set<string>() }
    if (tried !== known) this.#tried.set(o.identity.device, tried)
    if (tried.names.size < 16) tried.names.add(subject)
    return tried.names.size
  }

  #finding(
    use: TokenUse,
    credential: Credential,
    message: string,
    confidence: number,
    observed: Readonly<Record<string, string | number>>,
  ): Finding {
    const success = use.observation.outcome === 'success'
    const subject = credential.subject === undefined ? 'nobody' : subjectOf(credential, use.observation)
    return tokenFinding(use, {
      message,
      attempt: !success,
      confidence,
      severity: success
        ? message === 'unissued' || message === 'unlike'
          ? 'high'
          : 'critical'
        : this.#names(use, subject) >= this.#context.option('names')
          ? 'high'
          : 'medium',
      observed: { subject, ...observed },
      expected: { token: 'issued, signed with a known key, and like the others of its issuer' },
    })
  }
}

/** What a client tries for longer than this is counted anew, in milliseconds. */
const tryingMs = 7 * 86_400_000

interface Saved {
  readonly issuers: BoundedMap<string, Issuer>
  readonly keys: BoundedMap<string, Key>
  readonly unsigned: BoundedMap<string, Set<PrincipalId>>
  readonly tried: BoundedMap<string, { readonly from: number; readonly names: Set<string> }>
}

const none: readonly TokenOddity[] = []
const hostKey = pairKeys()
const kindKey = pairKeys()
const issuerKey = (o: Observation, claims: Claims): string =>
  hostKey(
    o.call.destination.host,
    kindKey(typeof claims.iss === 'string' ? claims.iss : '', o.identity.kind === 'service' ? 'service' : ''),
  )

/** The signed token of that fingerprint that the call carries. */
function bearerOf(o: Observation, fingerprint: Fingerprint): Credential | undefined {
  for (const each of o.call.credentials)
    if (each.scheme === 'bearer-jwt' && each.fingerprint === fingerprint) return each
  return undefined
}

const subjectOf = (credential: Credential, o: Observation): PrincipalId =>
  credential.subject === undefined
    ? o.identity.principal
    : (`user:${credential.subject.slice(0, 128)}` as PrincipalId)

function lifetimeOf({ iat, exp, nbf }: Claims): number | undefined {
  if (typeof exp !== 'number') return undefined
  const from = typeof iat === 'number' ? iat : nbf
  return typeof from === 'number' ? exp - from : undefined
}

const nameOf = (oddity: TokenOddity): string =>
  oddity === 'kid'
    ? 'a key id that is no name'
    : oddity === 'jwk'
      ? 'a key of its own (jwk)'
      : `a place of keys (${oddity})`

/** It was seen on its way out, or may have been and was forgotten since. */
function mayBeIssued({ observation: o, issued, forgotten }: TokenUse): boolean {
  const { iat } = o.identity.claims
  return issued || (typeof iat === 'number' && iat * 1_000 <= forgotten)
}

export const forgedToken = defineDetector({
  id: 'forged-token',
  title: 'Forged tokens',
  summary:
    'Finds tokens that are unsigned, that no known key checks, that bring their own key along, or that differ from all others of their issuer in algorithm, life and powers; and, where every token is seen when it is handed out, one that was not.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1606.001', 'T1550.001'],
  options: {
    issuers: { default: 1_000, reason: 'Issuers and applications whose tokens are known, about 2 KiB each.' },
    tokens: {
      default: 20,
      reason: 'Twenty tokens show how an issuer makes them, and that they can be seen on their way out.',
    },
    lifetimeFactor: { default: 4, reason: 'Settings are doubled; forgers want tokens that last.' },
    rotation: {
      default: 3,
      reason: 'Three people whose tokens of an unknown key are accepted: the keys given here are old.',
    },
    names: {
      default: 3,
      reason: 'One client with tokens in three people’s names that none of them was given.',
    },
    custom: {
      default: 3,
      reason: 'Three people with unsigned tokens in settled history: nobody signs here.',
    },
  },
  messages: {
    unsigned: 'An unsigned token in the name of {subject} was accepted from {ip}.',
    unsignedAttempt: 'An unsigned token in the name of {subject} was tried from {ip}, and refused.',
    signature: 'A token in the name of {subject} that no known key checks was accepted from {ip}.',
    signatureAttempt:
      'A token in the name of {subject} that no known key checks was tried from {ip}, and refused.',
    header: 'A token in the name of {subject} that brings {header} was accepted from {ip}.',
    headerAttempt: 'A token in the name of {subject} that brings {header} was tried from {ip}, and refused.',
    unlike: 'A token in the name of {subject} unlike all others was accepted from {ip}: {unlike}.',
    unlikeAttempt:
      'A token in the name of {subject} unlike all others was tried from {ip}, and refused: {unlike}.',
    unissued: 'A token in the name of {subject} that was never handed out was accepted from {ip}.',
    unissuedAttempt:
      'A token in the name of {subject} that was never handed out was tried from {ip}, and refused.',
  },
  whenNotAnAttack:
    'The keys or the issuer changed and Sallyport was not told, or tokens are handed out on a way that is not observed.',
  examples: {
    fires: [
      'bob GET /me -> 401\nalice alg=none GET /me -> 200 {"name":"alice"}',
      'alice alg=none GET /me -> 401',
      'alice check=invalid GET /me -> 401',
      'bob kid=k1 GET /me -> 401\nalice kid=k1 GET /me -> 200 {"name":"alice"}\nalice token=t2 check=invalid kid=k1 GET /me -> 200 {"name":"alice"}',
      'alice alg=RS256 check=unverified odd=jku GET /me -> 401',
      `u1,u2,u3,u4,u5,u6 check=unverified claims={"iss":"https://id.example","iat":1772000000,"exp":1772003600} GET /me every 1m x 4 -> 200 {"name":"x"}
mallory check=unverified claims={"iss":"https://id.example","iat":1772000000,"exp":1803536000,"role":"admin"} GET /admin/users -> 200 [{"name":"x"}]`,
    ],
    quiet: [
      `alice kid=old GET /me -> 200 {"name":"alice"}
u1,u2,u3,u4 check=invalid kid=new GET /me every 1m x 4 -> 200 {"name":"x"}`,
      `u1,u2,u3,u4,u5,u6 check=unverified claims={"iss":"https://id.example","iat":1772000000,"exp":1772003600} GET /me every 1m x 4 -> 200 {"name":"x"}
u7 check=unverified claims={"iss":"https://id.example","iat":1772000000,"exp":1772003600,"locale":"de"} GET /me -> 200 {"name":"x"}`,
      'alice GET /me every 10s x 3 -> 200 {"name":"alice"}',
    ],
  },
  create: context => new ForgedTokenRun(context),
})
