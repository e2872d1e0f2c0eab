import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { Ended, TokenUse } from '../tokens/token-book.ts'
import { isProgram, tokenFinding } from '../tokens/token-finding.ts'
import type { Why } from '../tuning/why.ts'
import { span } from '../words.ts'

const minute = 60_000

/** What happens in an application to tokens that something ended. */
interface Obedience {
  /** Principals whose own client went on. */
  readonly accepted: Set<PrincipalId>
  readonly refused: Set<PrincipalId>
}

/** Tokens after their end: run out, logged out, revoked. */
class TokenReuseRun implements DetectorRun, Component {
  readonly #context: DetectContext
  /** Host and how → what comes of it. */
  #obedience = new BoundedMap<string, Obedience>(4_000)

  constructor(context: DetectContext) {
    this.#context = context
  }

  use(use: TokenUse): readonly Finding[] {
    if (isProgram(use)) return []
    const ended = this.#ended(use)
    const expired = this.#expired(use)
    return [ended, expired].filter(finding => finding !== undefined)
  }

  why(o: Observation): Why | undefined {
    const { exp } = o.identity.claims
    if (o.identity.token === undefined || typeof exp !== 'number') return undefined
    const after = o.call.time - exp * 1_000
    const threshold = this.#context.option('skewSeconds')
    return {
      state: 'below',
      text:
        after <= 0
          ? `Its token is good for ${span(-after)} more, and nothing is known to have ended it.`
          : `Its token ran out ${span(after)} before (from ${threshold} seconds on), ${o.outcome === 'success' ? 'where the endpoint is not known to ask who calls' : 'and its own client found out by trying'}.`,
      ...{ value: Math.max(0, Math.round(after / 1_000)), threshold, unit: 'seconds after its end' },
    }
  }

  size(): number {
    return this.#obedience.size
  }

  save(): unknown {
    return this.#obedience
  }

  load(saved: unknown): void {
    this.#obedience = saved as BoundedMap<string, Obedience>
  }

  #ended(use: TokenUse): Finding | undefined {
    const { observation: o, ended } = use
    if (ended === undefined) return undefined
    const after = o.call.time - ended.time
    const success = o.outcome === 'success'
    const refused = o.call.response?.status === 401 || o.call.response?.status === 403
    if (!(success && use.asks) && !(success && ended.how === 'logout') && !refused) return undefined
    if (after <= (success ? 5_000 : minute)) return undefined
    const home = ended.ip === use.client?.ip || use.client === use.token.clients[0]
    const stranger = !home && use.client?.stranger === true
    const meant = this.#isMeant(use, ended, success, home)
    if (!meant && !stranger) return undefined
    // One's own client finds out that it was logged out by trying.
    if (!success && home) return undefined
    return tokenFinding(use, {
      message: 'ended',
      attempt: !success,
      confidence: success ? 0.95 : stranger ? 0.88 : 0.7,
      severity: success || stranger ? 'high' : 'low',
      observed: { after: span(after), how: ended.how },
      expected: { token: 'a token is not accepted after its end' },
      actor: `token:${use.fingerprint}`,
    })
  }

  /**
   * Does that end tokens here? Where several people's own clients go on afterwards it does not: a flaw, not an abuse. After a change of
   * the password it does only where others were seen to be refused.
   */
  #isMeant({ observation: o }: TokenUse, ended: Ended, success: boolean, home: boolean): boolean {
    const key = `${o.call.destination.host}\0${ended.how}`
    const obedience = this.#obedience.ensure(key, () => ({ accepted: new Set(), refused: new Set() }))
    const least = this.#context.option('survivors')
    const meant =
      ended.how === 'password change'
        ? obedience.refused.size >= least && obedience.accepted.size < obedience.refused.size / 2
        : !home || obedience.accepted.size < least
    const place = success ? obedience.accepted : obedience.refused
    if ((home || ended.how === 'password change') && place.size < 64) place.add(o.identity.principal)
    return meant
  }

  #expired(use: TokenUse): Finding | undefined {
    const { observation: o, expires, client, ended } = use
    if (expires === undefined || ended !== undefined) return undefined
    const after = o.call.time - expires
    if (after <= this.#context.option('skewSeconds') * 1_000) return undefined
    const verdict = {
      message: 'expired',
      observed: { after: span(after) },
      expected: { token: 'a token is not accepted after it has run out' },
    }
    if (o.outcome === 'success') {
      // An endpoint that asks nobody who they are answers an expired token too.
      if (!use.asks && this.#context.owners.of(o.match.endpoint).length === 0) return undefined
      return tokenFinding(use, { ...verdict, attempt: false, confidence: 0.95, severity: 'high' })
    }
    if (o.call.response?.status !== 401 && o.call.response?.status !== 403) return undefined
    // Clients find out that a token is old by trying it, once: only a stranger who goes on is worth a word.
    if (client?.stranger !== true) return undefined
    client.late.push(o.call.id)
    if (client.late.length < 2) return undefined
    const evidence = client.late
    client.late = [o.call.id]
    return tokenFinding(use, { ...verdict, attempt: true, confidence: 0.88, severity: 'high', evidence })
  }
}

export const tokenReuse = defineDetector({
  id: 'token-reuse',
  title: 'Tokens after their end',
  summary:
    'Follows each token from its issue to its end: accepted or tried after it ran out, after a logout, a revocation, a lock of the account, or a change of the password where that ends the other sessions.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1539'],
  options: {
    skewSeconds: { default: 60, reason: 'Clocks differ by less than a minute.' },
    survivors: {
      default: 3,
      reason: 'Three people whose own clients go on after a logout: the logout ends nothing here.',
    },
  },
  messages: {
    expired: 'The token of {principal} was accepted {after} after it had expired, from {ip}.',
    expiredAttempt:
      'The token of {principal} was tried {after} after it had expired, from {ip}, and refused.',
    ended: 'The token of {principal} was accepted {after} after its {how}, from {ip}.',
    endedAttempt: 'The token of {principal} was tried {after} after its {how}, from {ip}, and refused.',
  },
  whenNotAnAttack:
    'The end is seen here and not by the service that answers: its clock is wrong, or it holds sessions for a while.',
  examples: {
    fires: [
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice POST /logout -> 204
wait 5m
alice GET /me -> 200 {"name":"alice"}`,
      `bob exp=+10m GET /me -> 401
wait 20m
alice exp=+10m GET /me -> 200 {"name":"alice"}`,
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]","expires_in":600}
bob GET /me -> 401
wait 20m
alice GET /me -> 200 {"name":"alice"}`,
      `bob GET /me -> 401
alice GET /me every 10s x 3 -> 200 {"name":"alice"}
root POST /users/{alice}/revoke-sessions -> 204
wait 5m
alice ip=203.0.113.9 agent=curl GET /me -> 200 {"name":"alice"}`,
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:t1}]","refreshToken":"[redacted:token:{token:r1}]"}
bob GET /me -> 401
alice token=t1 GET /me every 10s x 3 -> 200 {"name":"alice"}
alice token=t1 POST /token/refresh body={"refreshToken":"[redacted:token:{token:r1}]"} -> 200 {"token":"[redacted:token:{token:t2}]","refreshToken":"[redacted:token:{token:r2}]"}
alice token=t2 POST /logout -> 204
wait 5m
alice token=t1 ip=203.0.113.9 agent=curl GET /me -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `alice exp=+10m GET /me -> 200 {"name":"alice"}
wait 20m
alice exp=+10m GET /me -> 401`,
      `bob GET /me -> 401
alice token=laptop GET /me every 10s x 3 -> 200 {"name":"alice"}
alice token=phone GET /me every 10s x 3 -> 200 {"name":"alice"}
alice token=laptop PUT /me/password body={"password":"[redacted:password:00000000000a]"} -> 204
wait 5m
alice token=phone GET /me every 10s x 3 -> 200 {"name":"alice"}`,
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice POST /logout -> 204
wait 2m
alice GET /me every 10s x 3 -> 401`,
      `bob GET /me -> 401
alice exp=+10m GET /me -> 200 {"name":"alice"}
wait 10m
alice exp=+10m GET /me -> 200 {"name":"alice"}`,
    ],
  },
  create: context => new TokenReuseRun(context),
})
