import type { Observation } from '../../baseline/observation.ts'
import { memo } from '../../kit/memo.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { sensitiveChange } from '../logins/sensitive-change.ts'
import { namedIn } from './token-grant.ts'

export type EndingHow = 'logout' | 'revocation' | 'lock' | 'password change'

/** What a successful call ended. */
export interface TokenEnding {
  readonly how: EndingHow
  /** The token that carried it; every session of its principal; of the account named; the tokens named in its body. */
  readonly scope: 'carrier' | 'own' | 'named' | 'account'
  /** Of `account`. */
  readonly account?: string
  /** Of `named`: first twelve digits. */
  readonly tokens?: readonly string[]
}

const logoutPath = /(?:^|[/_.-])(?:log-?out|sign-?out|logoff)(?:$|[/_.-])/i
const everywhere = /(?:^|[/_.-])(?:all|everywhere|others?)(?:$|[/_.-])/i
const revokePath = /(?:^|[/_.-])(?:revoke|revocation|revoke-?all)(?:$|[/_.-])/i
const sessionPath = /\/(?:sessions?|tokens?)(?:\/(?:me|current|self))?\/?$/i
const sessionsOfAccount =
  /(?:^|[/_.-])(?:sessions?|tokens?|log-?out|sign-?out|revoke|revocation)(?:$|[/_.-])/i
const lockPath = /(?:^|[/_.-])(?:lock|disable|deactivate|suspend|block|ban)(?:$|[/_.-])/i
const accountNoun = /^(?:users?|accounts?|members?|customers?|employees?|staff|patients?|principals?)$/i

/** What this call ends, if it succeeds; undefined where nothing. Logging in, and asking for a new token, end none. */
export function endingOf(o: Observation): TokenEnding | undefined {
  const { method, path, content } = o.call.request
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') {
    return method === 'GET' && logoutPath.test(path) ? { how: 'logout', scope: 'carrier' } : undefined
  }
  if (loginAttemptOf(o) !== undefined) return undefined
  const account = accountIn(o)
  if (account !== undefined && account !== o.identity.name) {
    const rest = path.slice(path.indexOf(account) + account.length)
    if (sessionsOfAccount.test(rest)) return { how: 'revocation', scope: 'account', account }
    return lockPath.test(rest) ? { how: 'lock', scope: 'account', account } : undefined
  }
  if (logoutPath.test(path)) return { how: 'logout', scope: everywhere.test(path) ? 'own' : 'carrier' }
  if (revokePath.test(path) && method === 'POST') {
    const tokens = namedIn(content)
    return tokens.length > 0
      ? { how: 'revocation', scope: 'named', tokens }
      : { how: 'revocation', scope: everywhere.test(path) ? 'own' : 'carrier' }
  }
  if (method === 'DELETE' && sessionPath.test(path)) return { how: 'logout', scope: 'carrier' }
  return sensitiveChange(o) === 'the password' ? { how: 'password change', scope: 'own' } : undefined
}

/** The account that a path names before what is done to it: `/users/{id}/sessions`. */
function accountIn({ match }: Observation): string | undefined {
  const at = accountAt(match.template)
  return at < 0 ? undefined : match.params[at]?.[1]
}

/** Which placeholder of a template names an account; -1 where none does. */
const accountAt = memo((template): number => {
  const segments = template.split('/')
  let seen = 0
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith('{')) continue
    if (accountNoun.test(segments[index - 1] ?? '')) return seen
    seen += 1
  }
  return -1
})
