import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { Rotated, TokenUse } from '../tokens/token-book.ts'
import { tokenFinding } from '../tokens/token-finding.ts'
import { span } from '../words.ts'

/** A refresh token that was given for a new one comes again: one of two who hold it stole it (RFC 9700, section 4.14.2). */
class RefreshTokenReuseRun implements DetectorRun {
  readonly #context: DetectContext

  constructor(context: DetectContext) {
    this.#context = context
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, refresh } = use
    const rotated = refresh?.family?.rotated.get(refresh.mask)
    if (rotated === undefined || o.learning) return []
    const success = o.outcome === 'success'
    if (!success && o.outcome !== 'refused' && o.outcome !== 'invalid') return []
    const after = o.call.time - rotated.time
    // Two windows of one client renew at once, and a lost answer is asked for again.
    if (after <= this.#context.option('graceSeconds') * 1_000) return []
    const same = isSame(use, rotated)
    if (same && !success) return []
    return [
      tokenFinding(use, {
        message: 'reused',
        attempt: !success,
        confidence: same ? 0.6 : success ? 0.95 : 0.85,
        severity: success && !same ? 'critical' : same ? 'low' : 'high',
        evidence: [rotated.call, o.call.id],
        observed: { first: rotated.ip, after: span(after) },
        expected: { token: 'a refresh token is used once' },
        actor: `token:${refresh?.mask ?? ''}`,
      }),
    ]
  }

  size(): number {
    return 0
  }
}

const isSame = ({ client }: TokenUse, { ip, software }: Rotated): boolean =>
  client !== undefined && (client.ip === ip || client.software === software)

export const refreshTokenReuse = defineDetector({
  id: 'refresh-token-reuse',
  title: 'Refresh tokens used twice',
  summary:
    'Follows refresh tokens from one to the next. One that was already given for a new one and is presented again by another client, minutes later, is held by two: one of them stole it.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1528'],
  options: {
    graceSeconds: {
      default: 60,
      reason: 'Two windows of one application renew at the same time, and lost answers are asked for again.',
    },
  },
  messages: {
    reused:
      'A refresh token of {principal} that was renewed from {first} was accepted again from {ip}, {after} later.',
    reusedAttempt:
      'A refresh token of {principal} that was renewed from {first} was presented again from {ip}, {after} later, and refused.',
  },
  whenNotAnAttack: 'A client was restored from a backup, or an answer with a new token was lost on the way.',
  examples: {
    fires: [
      `alice token=a1 POST /token/refresh body={"refreshToken":"[redacted:token:{token:r1}]"} -> 200 {"token":"[redacted:token:{token:a2}]","refreshToken":"[redacted:token:{token:r2}]"}
wait 10m
alice token=a1 ip=203.0.113.9 agent=curl POST /token/refresh body={"refreshToken":"[redacted:token:{token:r1}]"} -> 401 {"error":"invalid_grant"}`,
    ],
    quiet: [
      `alice token=a1 POST /token/refresh body={"refreshToken":"[redacted:token:{token:r1}]"} -> 200 {"token":"[redacted:token:{token:a2}]","refreshToken":"[redacted:token:{token:r2}]"}
alice token=a1 POST /token/refresh body={"refreshToken":"[redacted:token:{token:r1}]"} -> 401 {"error":"invalid_grant"}
alice token=a2 POST /token/refresh body={"refreshToken":"[redacted:token:{token:r2}]"} -> 200 {"token":"[redacted:token:{token:a3}]","refreshToken":"[redacted:token:{token:r3}]"}`,
    ],
  },
  create: context => new RefreshTokenReuseRun(context),
})
