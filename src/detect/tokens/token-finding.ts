import type { CallId } from '../../kit/id.ts'
import type { Severity } from '../../kit/severity.ts'
import type { Finding } from '../detector.ts'
import type { Facts } from '../signal.ts'
import { counted, span } from '../words.ts'
import type { TokenUse } from './token-book.ts'

export interface TokenVerdict {
  /** Of the detector's messages; with `Attempt` behind it where it was refused. */
  readonly message: string
  readonly attempt: boolean
  readonly confidence: number
  readonly severity: Severity
  readonly evidence?: readonly CallId[]
  readonly observed?: Facts
  readonly expected: Facts
  /** Ties the calls of a thief, who goes by another's name. The device when absent. */
  readonly actor?: string
}

const month = 30 * 86_400_000

/** A finding about a use of a token: one signal for each token, way and outcome. */
export function tokenFinding(use: TokenUse, verdict: TokenVerdict): Finding {
  const { observation: o, token, fingerprint, habit } = use
  token.episode.touch(o.call.time)
  const silent = o.call.time - habit.last
  return {
    message: verdict.attempt ? `${verdict.message}Attempt` : verdict.message,
    observed: {
      principal: o.identity.principal,
      uses: counted(token.uses, 'call'),
      ip: o.call.source.ip ?? 'an unknown address',
      ...(silent >= month ? { dormant: span(silent) } : {}),
      ...verdict.observed,
    },
    expected: verdict.expected,
    attempt: verdict.attempt,
    confidence: verdict.confidence,
    severity: verdict.severity,
    principal: o.identity.principal,
    ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
    endpoint: o.match.endpoint,
    evidence: verdict.evidence ?? [o.call.id],
    objects: [`token:${fingerprint.slice(0, 12)}`],
    key: `${verdict.message}\0${fingerprint}\0${verdict.attempt ? 'attempt' : 'success'}\0${token.episode.from}`,
    actor: verdict.actor ?? `device:${o.identity.device}`,
  }
}

/** Programs have many clients on purpose. */
export const isProgram = ({ observation: { identity } }: TokenUse): boolean =>
  identity.kind === 'service' || identity.kind === 'apikey'
