import { eachLeaf } from '../../baseline/fields.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { Content, Json } from '../../call/content.ts'
import { hash32 } from '../../kit/hash.ts'
import { memo } from '../../kit/memo.ts'

/** Words of paths and fields, by what a change of it gives away. */
const words: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[/_.-])(?:change-?|update-?|new-?)?(?:password|passwd|passphrase)(?:$|[/_.-])/i, 'the password'],
  [
    /(?:^|[/_.-])(?:change-?|update-?|new-?)?e?-?mail(?:s|-?address(?:es)?)?(?:$|[/_.-])/i,
    'the e-mail address',
  ],
  [/(?:^|[/_.-])(?:phone|mobile|msisdn)s?(?:-?numbers?)?(?:$|[/_.-])/i, 'the telephone number'],
  [
    /(?:^|[/_.-])(?:mfa|2fa|totp|otp|authenticators?|passkeys?|recovery(?:-?codes?)?)(?:$|[/_.-])/i,
    'the second factor',
  ],
  [
    /(?:^|[/_.-])(?:payouts?|bank-?accounts?|iban|beneficiar(?:y|ies)|payees?|withdrawals?|payment-?methods?)(?:$|[/_.-])/i,
    'where money goes',
  ],
  [/(?:^|[/_.-])(?:api-?keys?|personal-?access-?tokens?|webhooks?)(?:$|[/_.-])/i, 'a key of its own'],
]

/** Changes after which the owner no longer gets in or hears of anything. */
const lockouts: ReadonlySet<string> = new Set([
  'the password',
  'the e-mail address',
  'the second factor',
  'a key of its own',
])
export const locksOut = (change: string): boolean => lockouts.has(change)

/** Sends money: beside a change of where it goes it is the point of it. */
export const sendsMoney = ({ call, match }: Observation): boolean =>
  call.request.method === 'POST' &&
  /(?:^|[/_.-])(?:transfers?|withdrawals?|payouts?|payments?)(?:$|[/_.-])/i.test(
    withoutParameters(match.template),
  )

/** Paths of logging in and of getting back in, where a password or an address is no change. */
const entrance =
  /(?:^|[/_.-])(?:log-?in|sign-?in|sign-?up|register|registration|token|sessions?|verify|verification|challenges?|forgot|newsletter|contact|invites?|invitations?)(?:$|[/_.-])/i

/**
 * What of an account this call changes that its owner is reached, let in or paid by; undefined where nothing. By the path of a write,
 * or by the fields of an update of a profile.
 */
export function sensitiveChange(o: Observation): string | undefined {
  const { method, path, content } = o.call.request
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE') return undefined
  if (entrance.test(path)) return undefined
  const said = saidByTemplate(o.match.template)
  if (said !== '') return said
  if (method !== 'PUT' && method !== 'PATCH') return undefined
  if (!isProfile(o.match.template)) return undefined
  const value = content.kind === 'json' || content.kind === 'form' ? content.value : undefined
  return value === undefined ? undefined : byField(value)
}

function byField(value: Json): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const keys = Object.keys(value)
  // A whole profile that is sent back says little of what changed in it.
  if (keys.length > 4) return undefined
  for (const key of keys) {
    const spaced = key.replace(/([a-z])([A-Z])/g, '$1-$2')
    for (const [word, what] of words) if (word.test(spaced)) return what
  }
  return undefined
}

const contactName =
  /(?:^|[_-])(?:telecom|phone|phones|mobile|msisdn|e-?mail|e-?mails|contact|contacts)(?:$|[_-])/i
const mostContacts = 32

/** Addresses and numbers by which somebody is reached, in a body: hash, and what of both it is. */
function contactsIn(content: Content): readonly (readonly [mark: number, what: string])[] {
  if (content.kind !== 'json' && content.kind !== 'form') return []
  const found: (readonly [number, string])[] = []
  eachLeaf(content.value, (_path, value, key, parent) => {
    if (found.length >= mostContacts || value.length > 128) return
    const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1-$2')
    if (!contactName.test(spaced(key)) && !(key === 'value' && contactName.test(spaced(parent)))) return
    if (value.includes('@')) found.push([hash32(value.toLowerCase()), 'the e-mail address'])
    else if (/^\+?[\d ()/.-]{6,24}$/.test(value)) found.push([hash32(value), 'the telephone number'])
  })
  return found
}

/** Remembers what answers show of how somebody is reached. */
export function noteContacts({ call }: Observation, contacts: Set<number>): void {
  if (call.response === undefined) return
  for (const [mark] of contactsIn(call.response.content)) if (contacts.size < mostContacts) contacts.add(mark)
}

/** What a record that is sent back whole changes of how somebody is reached: an address or a number that no answer showed before. */
export function changedContact({ call }: Observation, contacts: ReadonlySet<number>): string | undefined {
  const { method, path, content } = call.request
  if ((method !== 'PUT' && method !== 'PATCH') || contacts.size === 0 || entrance.test(path)) return undefined
  return contactsIn(content).find(([mark]) => !contacts.has(mark))?.[1]
}

const withoutParameters = (template: string): string => template.replace(/\{[^}]{0,64}\}/g, '')

/** What a change of this place gives away; empty where nothing. */
const saidByTemplate = memo(template => {
  const path = withoutParameters(template)
  return words.find(([word]) => word.test(path))?.[1] ?? ''
})

const isProfile = memo(template =>
  /(?:^|\/)(?:me|self|profile|account|accounts|users?|customers?|settings)(?:$|\/)/i.test(
    withoutParameters(template),
  ),
)
