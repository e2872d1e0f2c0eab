import type { PayloadHit } from '../grammar.ts'
import type { PlacedRule } from './placed-rule.ts'

const kind = 'session-fixation'

/** Cookies in which frameworks keep sessions. None of these frameworks puts it into a query since cookies exist. */
const sessionName =
  /^(?:jsessionid|phpsessid|phpsession|asp\.net_sessionid|aspsessionid\w{0,8}|cfid|cftoken|cfsid|connect\.sid|play_session|_session_id|_session-id|session-id|laravel_session|ci_session|cakephp|symfony|express\.sid|koa\.sess|rack\.session|sid_guid|weblogicsession|wlsessionid|zend_session_id|sap-contextid|jservsession\w{0,8}|jwsession|siteserver|csrf_session|phpbb\d?mysql_sid|mybbuser|xf_session|wordpress_logged_in\w{0,64}|moodlesession)$/i

/** Names that say they are a session's, whoever made them: they count where another page brings them. */
const sessionLike =
  /(?:^(?!session_id$)[\w.:-]{0,32}session[-_.]?(?:id|token)|[._:-]sess|[._-]sid|login_token|shiny-token|_session)$/i

export function inspectSessionName(name: string): PayloadHit | undefined {
  return sessionName.test(name) ? { kind, rule: 'session-in-query', confidence: 0.4 } : undefined
}

/** The parts of a request that session fixation shows in. */
export interface SessionBearing {
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Does the name say that it is a session's, whoever made it? */
export const isSession = (name: string): boolean =>
  name.length >= 4 &&
  /s.?i.?d|sess|cf|token|login|php|auth|moodle|xf_|sap/i.test(name) &&
  (sessionName.test(name) || sessionLike.test(name))

/**
 * A session's identifier in the query or the form: brought by a page of somebody else's, it is one that its sender knows.
 * @param fields the fields of the body, where it has names
 * @param known names known to be none of a session
 */
export function inspectSession(
  { query, headers }: SessionBearing,
  fields: object | undefined,
  known: (name: string) => boolean = () => false,
): PayloadHit | undefined {
  let named: string | undefined
  for (const [name] of query) if (!known(name) && isSession(name)) named ??= name
  if (fields !== undefined) for (const name in fields) if (!known(name) && isSession(name)) named ??= name
  if (named === undefined) return undefined
  const referer = headers.find(([name]) => name.toLowerCase() === 'referer')?.[1]
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const from = referer === undefined ? undefined : /^https?:\/\/([^/?#\s]{1,255})/i.exec(referer)?.[1]
  if (from !== undefined && host !== undefined && from.toLowerCase() !== host.toLowerCase())
    return { kind, rule: 'session-from-elsewhere', confidence: 0.8 }
  if (!sessionName.test(named)) return undefined
  // The server's own links carry it with a referer of its own; a request without one came from outside of them.
  return { kind, rule: 'session-in-query', confidence: from === undefined ? 0.55 : 0.4 }
}

export const sessionFixation: PlacedRule = {
  kind,
  place: 'the names of the query, with the header `referer`',
  inspect: inspectSessionName,
  examples: {
    hits: ['JSESSIONID', 'PHPSESSID', 'connect.sid', 'ASP.NET_SessionId'],
    misses: ['session', 'sid', 'sessions', 'token', 'page'],
  },
}
