import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { hash32 } from '../../kit/hash.ts'
import { memo } from '../../kit/memo.ts'

/** A value that is worth something to who has it: a voucher, a gift card, an invitation, a token to reset a password. */
export interface Guess {
  /** What it is, singular, in words: `gift card`. */
  readonly noun: string
  /** Hash of the value. */
  readonly value: number
  readonly hit: boolean
}

/** Words of paths and fields, and what they speak of; the first that fits counts. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/gift-?cards?|gift-?codes?/, 'gift card'],
  [/vouchers?/, 'voucher'],
  [/coupons?|promo(?:tion)?s?-?codes?|promo-?codes?|promos|discount-?codes?/, 'coupon'],
  [
    /(?:password-?)?resets?(?:-?(?:tokens?|codes?|links?|confirm))?|reset-?password|recover(?:y)?/,
    'reset token',
  ],
  [/invit(?:e|es|ation|ations)(?:-?(?:codes?|tokens?))?/, 'invitation'],
  [/activat(?:e|ion)(?:-?(?:codes?|keys?))?|licen[cs]e-?keys?|serial-?(?:numbers?|keys?)/, 'activation code'],
  [/referrals?(?:-?codes?)?/, 'referral code'],
  [/magic-?links?|share-?links?|download-?links?|shares?/, 'link'],
]
const valueKey = /^(?:.*-)?(?:code|codes|token|key|number|serial|pin|value|id)$/

const bare = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_.]/g, '-')
    .toLowerCase()

/** What a call tries; undefined where it carries no such value, or its answer says nothing of it. */
export function guessOf(o: Observation): Guess | undefined {
  const status = o.call.response?.status
  if (status === undefined || status === 429 || status >= 500) return undefined
  // Of a caller with a credential it may be about that.
  if (status === 401 && o.identity.kind !== 'anonymous') return undefined
  const found = inPath(o) ?? inBody(o) ?? inQuery(o)
  return found === undefined
    ? undefined
    : { noun: found.noun, value: hash32(found.value), hit: o.outcome === 'success' }
}

interface Found {
  readonly noun: string
  readonly value: string
}

const nounIn = (text: string): string | undefined => {
  for (const [word, noun] of kinds) {
    const match = word.exec(text)
    if (match === null) continue
    const [before, after] = [text[match.index - 1], text[match.index + match[0].length]]
    if ((before === undefined || before === '-') && (after === undefined || after === '-')) return noun
  }
  return undefined
}

/** `/gift-cards/{code}`, `/vouchers/{code}/redeem`: which placeholders of a template hold such values, and of what. */
const placesIn = memo((template): readonly { readonly noun: string; readonly at: number }[] => {
  const segments = template.split('/')
  const places: { noun: string; at: number }[] = []
  let seen = 0
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith('{')) continue
    const noun = nounIn(bare(segments[index - 1] ?? ''))
    if (noun !== undefined) places.push({ noun, at: seen })
    seen += 1
  }
  return places
})

function inPath({ match }: Observation): Found | undefined {
  for (const { noun, at } of placesIn(match.template)) {
    const value = match.params[at]?.[1]
    if (value !== undefined && value.length >= 4) return { noun, value }
  }
  return undefined
}

const mostPairs = 32

function inBody({ call, match }: Observation): Found | undefined {
  const { content, method } = call.request
  if (method === 'GET' || (content.kind !== 'json' && content.kind !== 'form')) return undefined
  const { value } = content
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const body = value as { readonly [key: string]: Json }
  let left = mostPairs
  for (const key in body) {
    left -= 1
    if (left < 0) return undefined
    const noun = nounOf(key, body[key], match.template)
    if (noun !== undefined) return { noun, value: body[key] as string }
  }
  return undefined
}

function inQuery({ call, match }: Observation): Found | undefined {
  const { query } = call.request
  for (let index = 0; index < Math.min(query.length, mostPairs); index += 1) {
    const [key, value] = query[index]!
    const noun = nounOf(key, value, match.template)
    if (noun !== undefined) return { noun, value }
  }
  return undefined
}

/** What a name says of its value, alone and beside a path that says it. */
interface KeyWords {
  readonly noun: string | undefined
  readonly plain: boolean
}

const wordsOf = memo((key): KeyWords => {
  const name = bare(key)
  const noun = nounIn(name)
  return {
    noun: noun !== undefined && (valueKey.test(name) || /^[a-z]+$/.test(name)) ? noun : undefined,
    plain: /^(?:code|token|key|number|serial|pin|value)$/.test(name),
  }
})

function nounOf(key: string, value: Json | undefined, template: string): string | undefined {
  if (typeof value !== 'string' || value.length < 4 || value.length > 256) return undefined
  const { noun, plain } = wordsOf(key)
  return noun ?? (plain ? lastNoun(template) : undefined)
}

const lastNoun = memo((template): string | undefined => {
  for (const segment of template.split('/').reverse()) {
    if (segment.startsWith('{')) continue
    const noun = nounIn(bare(segment))
    if (noun !== undefined) return noun
  }
  return undefined
})
