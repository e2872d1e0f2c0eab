import type { Observation } from '../../baseline/observation.ts'
import type { DetectContext, Finding } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { counted } from '../words.ts'
import { type Attack, failureShare, type LoginMoment, loginSource, type SourceLogins } from './login-book.ts'

/** What is known of the logins from where this one comes; undefined where the call is none. */
export const sourceOfLogin = ({ logins }: DetectContext, o: Observation): SourceLogins | undefined =>
  loginAttemptOf(o) === undefined ? undefined : logins.sourceOf(o.call.destination.host, loginSource(o))

/**
 * The finding that a source attacks many accounts, for the message `source` of a detector. With the first one the source is blamed for it, and
 * all of its tries are evidence; with those after it the latest is. `name` sets the key of this kind of attack apart from others.
 */
export function attackingSource(
  { logins }: DetectContext,
  o: Observation,
  { one }: LoginMoment,
  source: SourceLogins,
  { how, name, expected }: { readonly how: Attack['how']; readonly name: string; readonly expected: string },
): Finding {
  const first = source.attack === undefined
  const tries = first ? source.recent : [one]
  if (first)
    logins.blame(source, {
      how,
      key: `${name}\0${one.host}\0${one.source}\0${source.episode.from}`,
      actor: one.principal,
    })
  return {
    message: 'source',
    observed: {
      who: one.who,
      accounts: counted(source.accounts.size, 'account'),
      passwords: source.passwords.size,
      ratio: Math.round(100 * failureShare(source, one.time)),
    },
    expected: { accounts: expected },
    attempt: true,
    confidence: Math.min(0.97, 0.84 + source.accounts.size / 500),
    severity: source.accounts.size >= 15 ? 'high' : 'medium',
    principal: one.principal,
    endpoint: o.match.endpoint,
    evidence: tries.map(({ call }) => call),
    objects: [`account:${one.account}`],
    key: source.attack?.key ?? '',
    actor: source.attack?.actor ?? one.principal,
  }
}
