import { kindOf } from './segment-kind.ts'

/**
 * Words that name an operation or a view and not a thing: beside an identifier they stay literal whatever the
 * statistics say. Account-like names (`admin`, `test`) are left out on purpose: they are user names as well.
 */
const fixed = new Set(
  (
    'me self mine current myself whoami search query find lookup login logout signin signout signup register registration ' +
    'auth oauth oauth2 token tokens refresh session sessions password passwords reset forgot verify verification confirm ' +
    'activate deactivate enable disable enabled disabled health healthz healthcheck ready readyz live livez ping status ' +
    'metrics stats statistics summary count counts total totals info about version versions latest recent new create add ' +
    'update edit delete remove destroy list all batch bulk export import upload uploads download downloads preview publish ' +
    'unpublish archive unarchive restore revert copy move clone cancel approve reject decline accept start stop pause resume ' +
    'restart retry send resend subscribe unsubscribe follow unfollow like unlike share invite invitations join leave config ' +
    'configuration settings preferences options schema schemas docs openapi swagger graphql rpc api apis rest public private ' +
    'internal debug _debug trace events event webhooks webhook hooks callback callbacks notifications history log logs audit ' +
    'report reports dashboard analytics trending popular featured validate validation check test-connection calculate ' +
    'estimate quote checkout pay refund refunds capture charge $count $batch $metadata $value $ref $rates $links index default ' +
    'users user accounts account orders order items item products product customers customer books posts comments messages ' +
    'files file images image groups group members member roles role permissions teams team projects project organizations ' +
    'orgs tenants invoices payments payment cards carts cart addresses address profile profiles categories category tags ' +
    'tag types type details content data metadata attributes properties fields jobs job tasks task actions action keys key'
  ).split(' '),
)

/** First words of joined names that say what is done. */
const verbs = new Set(
  (
    'get set add attach detach change check clear close compute confirm connect convert copy count create decline delete ' +
    'describe disable disconnect download drop edit enable end equip execute expire export fetch find force generate grant ' +
    'import insert issue is has invite kick ban unban list load lock unlock mark mute notify open order perform poll post print ' +
    'process promote publish purge put read rebuild reboot recover redeem refresh register release reload remove rename renew ' +
    'replace request rescue reset resize resolve resume retrieve revoke rotate run save schedule search send shutdown sign sort ' +
    'start stop submit suspend swap switch sync terminate test toggle transfer trigger undo unregister update upgrade upload use ' +
    'validate verify view write power make move assign unassign apply by from to with as'
  ).split(' '),
)

/** Endings of English words for collections and acts: `memberships`, `registration`, `unsubscribe-all`. */
const literalEnding =
  /(?:ions?|ments?|ings?|ships?|ities|ries|ters?|tors?|ances?|ences?|able|ated|ized|ised|list|lists|types?|names?|ids?|info|data|all)$/

export const isFixedWord = (segment: string): boolean => fixed.has(segment.toLowerCase())

/** Only words can be values in disguise; versions and operation names stay as they are. */
export function isFree(segment: string): boolean {
  const kind = kindOf(segment)
  return (kind === 'word' || kind === 'locale') && !isFixedWord(segment)
}

/**
 * How much a segment alone speaks for being a value, in nats: above zero for digits, spaces, dots within and capitals
 * in odd places, below for vocabulary, verbs joined to nouns and file names of programs.
 */
export function valueLeaning(segment: string): number {
  const lower = segment.toLowerCase()
  if (fixed.has(lower)) return -6
  if (/^[._$]/.test(segment)) return -3
  let score = 0
  const parts = lower.split(/[-_.\s]/)
  let known = 0
  for (const part of parts) if (fixed.has(part)) known += 1
  if (known > 0) score -= 1.5 + known
  const head = /^[A-Z]?[a-z]+/.exec(segment)?.[0].toLowerCase() ?? ''
  if (head !== lower && verbs.has(head)) score -= 2.5
  else if (verbs.has(lower)) score -= 2
  if (/^[A-Z]{2,3}$/.test(segment) || /^[a-z]{2}(?:[-_][A-Z]{2})?$/.test(segment)) score += 1.5
  if (segment.length >= 8 && unpronounceable(segment)) score += 3
  if (segment.includes(' ') || /[^\x20-\x7e]/.test(segment)) score += 3
  if (/\d/.test(segment)) score += 1
  if (/\.(?:html?|jsp|php|aspx?|do|action|xml|json|config|servlet|js|css|atom|rss)$/.test(lower)) score -= 2.5
  // What people upload, not what programs are made of.
  if (/\.(?:csv|png|jpe?g|gif|webp|pdf|zip|txt|mp[34]|docx?|xlsx?|gz|tar)$/.test(lower)) score += 1.5
  if (/[a-z][A-Z]/.test(segment)) score -= 1
  if (parts.length >= 3) score += 0.5
  if (parts.length === 1 && /[^s]s$/.test(lower) && lower.length > 4) score -= 1.2
  if (parts.length === 1 && literalEnding.test(lower) && lower.length > 6) score -= 0.8
  if (segment.includes('_') && !/\d/.test(segment) && parts.length >= 2) score -= 1.5
  return score
}

/** Case that jumps, and hardly a vowel: drawn from an alphabet, not written. */
function unpronounceable(segment: string): boolean {
  let jumps = 0
  let vowels = 0
  let letters = 0
  let before = 0
  for (let index = 0; index < segment.length; index += 1) {
    const code = segment.charCodeAt(index)
    const upper = code >= 65 && code <= 90
    const lower = code >= 97 && code <= 122
    if (upper && before === 1) jumps += 1
    if (upper || lower) {
      letters += 1
      if ('aeiouyAEIOUY'.includes(segment[index] ?? '')) vowels += 1
    }
    before = lower ? 1 : 0
  }
  return jumps >= 2 && vowels / Math.max(1, letters) < 0.28
}
