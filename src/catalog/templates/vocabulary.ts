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

/**
 * Nouns and adjectives that name collections and views in many APIs, in the singular. They may still be values: an
 * enumeration is made of such words. So they only weigh.
 */
const common = new Set(
  (
    'access activity admin agent agreement alert alias album analysis announcement answer app application appointment approval ' +
    'area article artist asset assignment attachment attendee attribute audience audio author authorization authorizer ' +
    'availability balance bank banner benefit bill billing block blog board bookmark booking bot branch brand bucket budget ' +
    'build calendar call campaign candidate carrier catalog certificate challenge channel character chart chat child claim ' +
    'class click client cluster code collection column command comment commit company component condition connection connector ' +
    'contact container contract conversation conversion country coupon course credential credit currency dataset database ' +
    'datacenter deal debit decision default definition delivery department deployment deposit design destination detail device ' +
    'directory discount discovery discussion dispute document domain draft driver edge email employee endpoint entity entry ' +
    'environment episode error estimate exception execution experiment extension external facet feature feed feedback field ' +
    'filter finding firewall fleet floor folder follower following font form friend fulfillment function game genre gift goal ' +
    'grade grant graph guide hook hotel hour icon identity image import incident index indicator ingredient input instance ' +
    'institution insight instrument integration interface inventory invitation issue job journal label language layer lead league ' +
    'level library license limit line link listing loan local location lock machine mail mailbox manifest map market marketplace ' +
    'match material me media meeting member membership menu merchant message method metric migration milestone model module ' +
    'monitor monitoring movie name namespace network news newsletter node note notification number object offer offering office ' +
    'operation opportunity option origin outcome output outbound inbound overall overview owner package page parameter parent ' +
    'participant partner passenger patient payee payer payload payout people performance period person phone photo pipeline place ' +
    'plan platform player playlist plugin point policy pool portal portfolio post preference price pricing print priority process ' +
    'profile program promotion property protocol provider proxy publication publisher purchase quality quantity query queue ' +
    'quiz quota rating reaction reason receipt recipe recommendation record recording redirect reference referral region ' +
    'registration related relation relationship release reminder remote replica reply repository request reservation resource ' +
    'response result retry return revenue review revision reward risk room route row rule salary sale sample scan schedule score ' +
    'screen script season secret section segment seller sender sensor server service setting setup shard shift shipment shipping ' +
    'shop show signal signature site snapshot snippet social song source space spec specification sport sprint stack stage standard ' +
    'state statement station step stock storage store story stream street string student study subject submission subscriber ' +
    'subscription subdomain suggestion supplier support survey symbol sync system tab table target tax taxonomy team template ' +
    'tenant term test text theme thing thread threshold thumbnail ticket tier time timeline timezone title topic tour trace track ' +
    'trade traffic trailer transaction transcript transfer transition translation transport trip trend tweet unit upcoming uri url ' +
    'usage validation value variable variant vehicle vendor venue video view visit visitor volume vote voucher wallet warehouse ' +
    'warning watch watchlist weather website widget wish wishlist word work worker workflow workspace zone'
  ).split(' '),
)

function singularOf(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 4 && /(?:ches|shes|xes|sses)$/.test(word)) return word.slice(0, -2)
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

/** The words of a joined name: `removeThing`, `sitemap_only`. */
const partsOf = (segment: string): readonly string[] =>
  segment
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[-_.\s]+/)

/** First words of joined names that say what is done. */
const verbs = new Set(
  (
    'get set add attach detach change check clear close compute confirm connect convert copy count create decline delete ' +
    'describe disable disconnect download drop edit enable end equip execute expire export fetch find force generate grant ' +
    'import insert issue is has invite cancel approve kick ban unban list load lock unlock mark mute notify open order perform poll post print ' +
    'process promote publish purge put read rebuild reboot recover redeem refresh register release reload remove rename renew ' +
    'replace request rescue reset resize resolve resume retrieve revoke rollback rotate run save schedule search send shutdown sign sort ' +
    'start stop submit suspend swap switch sync tag terminate test toggle transfer trigger undo unregister update upgrade upload use ' +
    'validate verify view write power make move assign unassign apply by from to with as'
  ).split(' '),
)

/** Words that alone say what is done and name nothing. */
const acts = new Set(
  (
    'activate approve archive cancel clone copy deactivate disable enable export import merge move pause publish purge reboot ' +
    'reject rename restore resume retry revert rollback rotate search start stop suspend unarchive undelete unpublish validate verify'
  ).split(' '),
)

/** True for a name that says what is done: `rollback`, `tagRevision`. */
export const isAct = (name: string): boolean => {
  const head = /^[a-z]+/.exec(name)?.[0] ?? ''
  return head === name ? acts.has(name) : verbs.has(head)
}

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
  const parts = partsOf(segment)
  let known = 0
  for (const part of parts)
    if (fixed.has(part) || common.has(part) || common.has(singularOf(part))) known += 1
  if (known > 0) score -= (parts.length === 1 ? 0.5 : 1) + known
  const head = /^[A-Z]?[a-z]+/.exec(segment)?.[0].toLowerCase() ?? ''
  if (head !== lower && verbs.has(head)) score -= 2.5
  else if (verbs.has(lower)) score -= 2
  if (/^[A-Z]{2,3}$/.test(segment) || /^[a-z]{2}(?:[-_][A-Z]{2})?$/.test(segment)) score += 1.5
  if (segment.length >= 8 && unpronounceable(segment)) score += 3
  // A prefix and capitals in odd places after it: an identifier without a digit by chance.
  if (/^[a-z]{2,5}_[A-Za-z]{10,40}$/.test(segment) && /[a-z][A-Z]/.test(segment)) score += 4
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
