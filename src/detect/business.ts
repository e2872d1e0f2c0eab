import type { Observation } from '../baseline/observation.ts'
import { isWrite } from '../baseline/role-matrix.ts'
import type { Json } from '../call/content.ts'
import { memo, memoLast } from '../kit/memo.ts'
import { loginAttemptOf } from './login-attempt.ts'

/** Something a caller does for its worth, as far as names in the call say so. */
export interface BusinessAction {
  readonly kind: 'coupon' | 'payment' | 'reservation' | 'registration' | 'purchase'
  /** What it is done with: the coupon, the payment instrument, the thing held, the name or address registered. */
  readonly thing: string
  /** How many, where it says so. */
  readonly quantity?: number
  /** The answer says that it was declined, whatever its status. */
  readonly declined: boolean
}

const couponField =
  /^(?:coupon|voucher|promo|promotion|discount|gift|giftcard|referral|rebate|campaign|offer)_?(?:code|id|number|key|card)?$/
const couponPath =
  /(?:^|[/_-])(?:coupons?|vouchers?|promo(?:s|tions?)?|promo-?codes?|gift-?cards?|discounts?|redeem|redemptions?|rebates?)(?:$|[/_-])/i
const instrumentField =
  /^(?:card|credit_?card|debit_?card|card_?number|card_?token|cardno|pan|payment_?method(?:_?id)?|payment_?token|instrument(?:_?id)?|payment_?instrument|iban|account_?number|source|token|nonce|number)$/
const paymentPath =
  /(?:^|[/_-])(?:payments?|pay|charges?|authori[sz]ations?|checkout|billing|top-?up|payment-?methods?|cards?|donations?|deposits?)(?:$|[/_-])/i
const reservationPath =
  /(?:^|[/_-])(?:carts?|baskets?|bags?|trolleys?|reservations?|reserve|holds?|bookings?|seats?|slots?|allocations?|appointments?|tickets?)(?:$|[/_-])/i
const purchasePath = /(?:^|[/_-])(?:orders?|purchases?|checkout|payments?|pay|confirm|complete)(?:$|[/_-])/i
const registrationPath =
  /(?:^|[/_-])(?:register|registrations?|sign-?ups?|signup|accounts?|users?|members?|customers?|join|enrol(?:l|ment)?)\/?$/i
const quantityField = /^(?:quantity|qty|count|amount|seats|units|number|pieces)$/
const thingField =
  /^(?:sku|item|item_?id|product|product_?id|article|article_?id|event_?id|slot|slot_?id|seat|seat_?id|room_?id|offer_?id|variant_?id)$/
const nameField = /^(?:e_?mail|email_?address|user_?name|login|phone|name)$/
const codeField = /^(?:code|id)$/
const mailField = /^(?:e_?mail|email_?address)$/

/** What a field may hold by its name, and what a place may be by its template; remembered: few names come again and again. */
const saysField = {
  coupon: memo(name => couponField.test(name)),
  code: memo(name => codeField.test(name)),
  instrument: memo(name => instrumentField.test(name)),
  quantity: memo(name => quantityField.test(name)),
  thing: memo(name => thingField.test(name)),
  name: memo(name => nameField.test(name)),
  mail: memo(name => mailField.test(name)),
  how: memo(name => /status|result|state|message|error|reason|outcome|code/i.test(name)),
  approved: memo(name => /^(?:approved|success|ok|authorized|authorised|valid|accepted)$/i.test(name)),
}
const saysPath = memo(path => ({
  coupon: couponPath.test(path),
  campaign: /\/(?:admin|campaigns)\b/i.test(path),
  payment: paymentPath.test(path),
  registration: registrationPath.test(path),
  joins: /regist|sign|join|enrol/i.test(path),
  reservation: reservationPath.test(path) && !/confirm|complete|checkout|pay/i.test(path),
  purchase: purchasePath.test(path),
}))
const declinedWords =
  /\b(?:declined|rejected|insufficient|invalid[ _-](?:card|number|cvv|cvc|coupon|code)|do[ _-]not[ _-]honou?r|card[ _-]error|expired[ _-]card|not[ _-]authori[sz]ed)\b/i

/** What a call does for its worth; undefined for others, and for what only reads. */
export const businessActionOf: (o: Observation) => BusinessAction | undefined = memoLast(readAction)

function readAction(o: Observation): BusinessAction | undefined {
  if (!isWrite(o)) return undefined
  const path = saysPath(o.match.template)
  const fields = fieldsOf(o)
  const named = (isIt: (name: string) => boolean): string | undefined =>
    fields.find(([name]) => isIt(name))?.[1]
  const attempt = loginAttemptOf(o)
  if (attempt !== undefined)
    return attempt.kind === 'register'
      ? { kind: 'registration', thing: named(saysField.mail) ?? attempt.account, declined: isDeclined(o) }
      : undefined
  const coupon =
    named(saysField.coupon) ?? (path.coupon ? (named(saysField.code) ?? lastParam(o)) : undefined)
  if (coupon !== undefined && !path.campaign)
    return { kind: 'coupon', thing: coupon, declined: isDeclined(o) }
  const instrument = path.payment ? named(saysField.instrument) : undefined
  if (instrument !== undefined) return { kind: 'payment', thing: instrument, declined: isDeclined(o) }
  if (o.call.request.method === 'POST' && path.registration) {
    const name = named(saysField.name)
    if (name !== undefined && (o.identity.kind === 'anonymous' || path.joins))
      return { kind: 'registration', thing: name, declined: isDeclined(o) }
  }
  if (path.reservation && o.call.request.method !== 'DELETE') {
    const thing = named(saysField.thing) ?? lastParam(o)
    const quantity = Number(named(saysField.quantity))
    if (thing !== undefined)
      return { kind: 'reservation', thing, declined: isDeclined(o), ...(quantity > 0 ? { quantity } : {}) }
  }
  return path.purchase && o.call.request.method === 'POST'
    ? { kind: 'purchase', thing: lastParam(o) ?? '', declined: isDeclined(o) }
    : undefined
}

const lastParam = (o: Observation): string | undefined => o.match.params.at(-1)?.[1]

const folded = memo(name =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase(),
)

/** Scalars of the query and the body, two levels deep and in the first elements of lists, by their folded name; at most 64. */
function fieldsOf(o: Observation): readonly (readonly [name: string, value: string])[] {
  const found: [string, string][] = []
  const note = (name: string, value: Json | undefined): void => {
    if ((typeof value === 'string' || typeof value === 'number') && value !== '' && found.length < 64)
      found.push([folded(name.slice(0, 64)), String(value).slice(0, 128)])
  }
  for (const [name, value] of o.call.request.query) note(name, value)
  const walk = (value: Json, depth: number): void => {
    if (value === null || typeof value !== 'object' || depth === 0) return
    if (Array.isArray(value)) {
      for (const item of (value as readonly Json[]).slice(0, 4)) walk(item, depth - 1)
      return
    }
    for (const [name, child] of Object.entries(value as { readonly [key: string]: Json }).slice(0, 64)) {
      if (child !== null && typeof child === 'object') walk(child, depth - 1)
      else note(name, child)
    }
  }
  const { content } = o.call.request
  if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart')
    walk(content.value, 3)
  return found
}

function isDeclined(o: Observation): boolean {
  if (o.outcome !== 'success') return o.outcome !== 'unknown'
  const content = o.call.response?.content
  if (content?.kind !== 'json' || content.value === null || typeof content.value !== 'object') return false
  for (const [name, value] of Object.entries(content.value as { readonly [key: string]: Json }).slice(
    0,
    32,
  )) {
    if (typeof value === 'string' && saysField.how(name) && declinedWords.test(value)) return true
    if (value === false && saysField.approved(name)) return true
  }
  return false
}
