import type { ApiCall, DeclaredPrincipal, Headers, Peer } from '../call/api-call.ts'
import type { Claims, Credential } from '../call/credential.ts'
import { type PrincipalKind, principalId, tenantId } from '../kit/id.ts'
import { readClaims } from './claims.ts'
import { deviceOf } from './device.ts'
import type { Identity } from './identity.ts'
import type { SessionReader } from './session-directory.ts'

/** What is known about the sender of a request before any of its body is read. */
export interface IdentityEvidence {
  readonly credentials: readonly Credential[]
  readonly source: Peer
  readonly headers: Headers
  readonly principal?: DeclaredPrincipal
}

export interface IdentityOptions {
  /** Longest principal name kept; longer ones are cut. Attackers write subjects. */
  readonly nameLength: number
}

export const defaultIdentityOptions: IdentityOptions = { nameLength: 128 }

export function evidenceOf(call: ApiCall): IdentityEvidence {
  const { credentials, source, request, principal } = call
  const evidence = { credentials, source, headers: request.headers }
  return principal === undefined ? evidence : { ...evidence, principal }
}

/** The principal half of an identity, from one piece of evidence. */
interface Bearer {
  readonly kind: PrincipalKind
  readonly name: string
  readonly confidence: number
  readonly evidence: string
  readonly credential?: Credential
  readonly tenant?: string
  readonly roles?: readonly string[]
}

const noClaims: Claims = Object.freeze({})
const noRoles: readonly string[] = Object.freeze([])
const fingerprintName = 12

/**
 * Who made a call: the best piece of evidence names the principal, in the order declared by the source, token
 * subject, certificate, API key, request signature, basic user, session or opaque token, workload, device. Synchronous and
 * free of state; cheap enough for every request.
 */
export function identify(
  evidence: IdentityEvidence,
  sessions: SessionReader,
  options: IdentityOptions = defaultIdentityOptions,
): Identity {
  const device = deviceOf(evidence.source, evidence.headers)
  const { credentials } = evidence
  const only = evidence.principal === undefined && credentials.length === 1 ? credentials[0] : undefined
  const before = only?.claims === undefined ? undefined : readClaims(only.claims).last
  if (
    before !== undefined &&
    before.credential === only &&
    before.identity.device === device.id &&
    before.several === sessions.issuers > 1 &&
    before.profile === sessions.profileOf?.(before.identity.principal) &&
    options === defaultIdentityOptions
  )
    return before.identity
  const bearer =
    declared(evidence) ?? fromCredentials(evidence.credentials, sessions) ?? fromWorkload(evidence.source)
  if (bearer === undefined) {
    return {
      principal: principalId('anonymous', device.id),
      kind: 'anonymous',
      name: device.id,
      roles: noRoles,
      claims: noClaims,
      confidence: device.known ? 0.3 : 0.1,
      device: device.id,
      evidence: device.known ? 'Device: client software and address prefix' : 'Address prefix only',
    }
  }
  const claims = bearer.credential?.claims ?? noClaims
  const name = cleanName(bearer.name, options.nameLength)
  const principal = principalId(bearer.kind, name)
  const reading = readClaims(claims)
  // What a login or a profile answered stands in where the token is silent; other names of the caller no token says.
  const profile = sessions.profileOf?.(principal)
  const tenant = bearer.tenant ?? reading.tenant ?? profile?.tenant
  const { client, actors, session } = reading
  const identity: Identity = {
    principal,
    kind: bearer.kind,
    name,
    ...(tenant === undefined ? {} : { tenant: tenantId(tenant.slice(0, options.nameLength)) }),
    roles: bearer.roles ?? (reading.roles.length > 0 ? reading.roles : (profile?.roles ?? noRoles)),
    ...(profile?.names === undefined ? {} : { names: profile.names }),
    ...(bearer.credential === undefined ? {} : { token: bearer.credential.fingerprint }),
    claims,
    ...(client === undefined ? {} : { client }),
    ...(actors.length === 0 ? {} : { actors }),
    ...(session === undefined ? {} : { session }),
    confidence: bearer.confidence,
    device: device.id,
    evidence: bearer.evidence,
  }
  // The same token comes thousands of times. What it speaks for, if it does, depends on nothing else.
  if (bearer.credential === only && only !== undefined && speaks(only) && options === defaultIdentityOptions)
    reading.last = { identity, credential: only, profile, several: sessions.issuers > 1 }
  return identity
}

/** Does the token name its subject, and may it be believed? */
const speaks = (credential: Credential): boolean =>
  credential.scheme === 'bearer-jwt' &&
  credential.claims !== undefined &&
  !isWorthless(credential) &&
  readClaims(credential.claims).subject !== undefined

/** Control characters out, length bound: a name goes into ids, logs and the console. */
function cleanName(name: string, length: number): string {
  const cut = name.length > length ? name.slice(0, length) : name
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return /[\x00-\x1f\x7f]/.test(cut) ? cut.replace(/[\x00-\x1f\x7f]/g, '�') : cut
}

const kinds: readonly PrincipalKind[] = [
  'user',
  'service',
  'apikey',
  'agent',
  'session',
  'token',
  'anonymous',
]

function declared(evidence: IdentityEvidence): Bearer | undefined {
  const principal = evidence.principal
  if (principal === undefined || principal.id === '') return undefined
  // A source may hand over an id that is already in our form.
  const colon = principal.id.indexOf(':')
  const prefix = kinds.find(kind => kind === principal.id.slice(0, Math.max(colon, 0)))
  const kind = kinds.find(known => known === principal.kind) ?? prefix ?? 'user'
  const strongest =
    evidence.credentials.find(credential => credential.claims !== undefined) ?? evidence.credentials[0]
  return {
    kind,
    name: prefix === kind ? principal.id.slice(colon + 1) : principal.id,
    confidence: 1,
    evidence: 'Declared by the source of the call',
    ...(strongest === undefined ? {} : { credential: strongest }),
    ...(principal.tenant === undefined ? {} : { tenant: principal.tenant }),
    ...(principal.roles === undefined ? {} : { roles: principal.roles }),
  }
}

/** Software that calls without a credential of its own goes by the account it runs as, else by its name. */
function fromWorkload({ workload }: Peer): Bearer | undefined {
  const name = workload?.serviceAccount ?? workload?.name
  if (workload === undefined || name === undefined || name === '') return undefined
  return {
    kind: 'service',
    name: workload.namespace === undefined ? name : `${workload.namespace}/${name}`,
    confidence: workload.serviceAccount === undefined ? 0.5 : 0.6,
    evidence:
      workload.serviceAccount === undefined ? 'Workload that called' : 'Service account of the workload',
  }
}

function fromCredentials(credentials: readonly Credential[], sessions: SessionReader): Bearer | undefined {
  let best: Bearer | undefined
  let rank = Number.POSITIVE_INFINITY
  for (const credential of credentials) {
    const order = rankOf(credential, sessions)
    if (order >= rank) continue
    const bearer = fromCredential(credential, sessions)
    if (bearer === undefined) continue
    best = bearer
    rank = order
  }
  return best
}

/** Lower is better; among equals the first in the request wins. */
function rankOf(credential: Credential, sessions: SessionReader): number {
  switch (credential.scheme) {
    case 'bearer-jwt':
      return isWorthless(credential) ? 8 : 0
    case 'mtls':
      return 1
    case 'api-key':
      return 2
    case 'signature':
      return 3
    case 'basic':
      return 4
    case 'bearer':
      return 5
    case 'session':
      return sessions.ownerOf(credential.fingerprint) !== undefined ? 6 : 7
  }
}

function fromCredential(credential: Credential, sessions: SessionReader): Bearer | undefined {
  const short = credential.fingerprint.slice(0, fingerprintName)
  switch (credential.scheme) {
    case 'bearer-jwt':
      return fromToken(credential, sessions)
    case 'mtls':
      return {
        kind: 'service',
        name: serviceName(credential.subject ?? short),
        confidence: 1,
        evidence: 'Client certificate',
        credential,
      }
    case 'api-key':
      return {
        kind: 'apikey',
        name: short,
        confidence: 0.6,
        evidence: `API key (${credential.at})`,
        credential,
      }
    case 'signature':
      return {
        kind: 'apikey',
        name: credential.subject ?? short,
        confidence: 0.6,
        evidence: 'Key id of the request signature',
        credential,
      }
    case 'basic':
      return credential.subject === undefined || credential.subject === ''
        ? { kind: 'token', name: short, confidence: 0.6, evidence: 'Basic credentials', credential }
        : {
            kind: 'user',
            name: credential.subject,
            confidence: 0.6,
            evidence: 'User name of basic authentication',
            credential,
          }
    case 'bearer':
      return fromOpaque(credential, 'token', 'Opaque bearer token', sessions)
    case 'session': {
      const cookie = credential.at.startsWith('cookie:') ? credential.at.slice(7) : undefined
      const known =
        cookie === undefined ||
        sessions.isSessionCookie(cookie) ||
        sessions.ownerOf(credential.fingerprint) !== undefined
      return known ? fromOpaque(credential, 'session', 'Session cookie', sessions) : undefined
    }
  }
}

/** A signature that no key checks, or none by its own word (RFC 8725 section 3.2): anybody may have written it. */
const isWorthless = ({ verification, algorithm }: Credential): boolean =>
  verification === 'invalid' || algorithm?.toLowerCase() === 'none'

function fromToken(credential: Credential, sessions: SessionReader): Bearer {
  const claims = credential.claims ?? noClaims
  const { subject, service, agent } = readClaims(claims)
  const worthless = isWorthless(credential)
  if (worthless || subject === undefined) {
    const why = worthless ? 'Token whose check failed' : 'Token without a subject'
    const bearer = fromOpaque(credential, 'token', why, sessions)
    // What an invalid token claims is not evidence: neither its roles nor its tenant.
    return worthless ? { ...bearer, roles: noRoles, credential: { ...credential, claims: noClaims } } : bearer
  }
  const issuer = claims.iss
  const name = sessions.issuers > 1 && typeof issuer === 'string' ? `${issuer}|${subject}` : subject
  const kind = service ? 'service' : agent ? 'agent' : 'user'
  const verified = credential.verification === 'verified'
  return {
    kind,
    name,
    confidence: verified ? 1 : 0.8,
    evidence: verified ? 'JWT subject (signature checked)' : 'JWT subject (signature not checked)',
    credential,
  }
}

function fromOpaque(
  credential: Credential,
  kind: 'token' | 'session',
  what: string,
  sessions: SessionReader,
): Bearer {
  const owner = sessions.ownerOf(credential.fingerprint)
  if (owner === undefined) {
    return {
      kind,
      name: credential.fingerprint.slice(0, fingerprintName),
      confidence: 0.6,
      evidence: what,
      credential,
    }
  }
  return {
    kind: owner.kind ?? 'user',
    name: owner.name,
    confidence: 0.6,
    evidence: `${what}, known from its login`,
    credential,
    ...(owner.tenant === undefined ? {} : { tenant: owner.tenant }),
  }
}

/**
 * `spiffe://td/ns/shop/sa/orders` becomes `shop/orders`; another SPIFFE id keeps its path, a distinguished name its
 * common name.
 */
function serviceName(subject: string): string {
  const kubernetes = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(subject)
  if (kubernetes !== null) return `${kubernetes[1]}/${kubernetes[2]}`
  if (subject.startsWith('spiffe://')) return subject.slice(subject.indexOf('/', 9) + 1) || subject
  return /(?:^|[,/])\s*CN\s*=\s*([^,/]+)/i.exec(subject)?.[1]?.trim() ?? subject
}
