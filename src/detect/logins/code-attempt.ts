import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { loginNames } from '../../identity/login.ts'
import { hash32 } from '../../kit/hash.ts'

/** Somebody answers a challenge with a code: a second factor, a confirmation of a payment, a code sent to a telephone. */
export interface CodeAttempt {
  /** What the code is for: the challenge where one is named, else the account, else the caller. */
  readonly challenge: string
  /** The account where one is named. */
  readonly account?: string
  /** Hash of the code, or of its mask: equal for equal codes. */
  readonly code: number
  readonly right: boolean
}

/** Fields that hold nothing but a code, and those that do where the path speaks of one. */
const codeKey =
  /^(?:otp|totp|tan|one-?time-?(?:code|password|pin)|(?:verification|mfa|sms|otp|totp|2fa|confirmation|security|login|auth|recovery|backup)-?(?:code|pin|token))$/
const looseKey = /^(?:code|pin|token|answer|passcode|value)$/
const codePath =
  /(?:^|[/_.-])(?:otp|totp|mfa|2fa|verify|verification|verifications?|confirm|confirmation|challenges?|factors?|step-?up|codes?|pin|tan|activate)(?:$|[/_.-])/i
/** Codes that are goods, not proofs. */
const goods = /(?:coupon|voucher|gift|promo|discount|referral|invit|redeem)/i
const challengeKey =
  /(?:challenge|transaction|mfa-?(?:token|session)|flow|session|state|request|verification)-?(?:id|token)?$/

const bare = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_.]/g, '-')
    .toLowerCase()

/** The attempt a call is; undefined where it is none or its end says nothing of the code. */
export function codeAttemptOf(o: Observation): CodeAttempt | undefined {
  const { method, path, content } = o.call.request
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return undefined
  if (o.outcome === 'unknown' || o.outcome === 'failed' || o.call.response?.status === 429) return undefined
  const body = content.kind === 'json' || content.kind === 'form' ? content.value : undefined
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) return undefined
  if (goods.test(path)) return undefined
  const fields = Object.entries(body as { readonly [key: string]: Json }).slice(0, 32)
  const atCodes = codePath.test(o.match.template.replace(/\{[^}]{0,64}\}/g, ''))
  let code: string | undefined
  let challenge: string | undefined
  for (const [key, value] of fields) {
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') continue
    const name = bare(key)
    if (
      code === undefined &&
      (codeKey.test(name) || (atCodes && looseKey.test(name) && isCode(String(value))))
    )
      code = String(value)
    else if (challengeKey.test(name)) challenge = String(value).slice(0, 128)
  }
  if (code === undefined) return undefined
  const account = loginNames(body, path)?.name.toLowerCase().slice(0, 128)
  const inPath = o.match.params.at(-1)?.[1].slice(0, 128)
  return {
    challenge: `${o.call.destination.host}\0${challenge ?? inPath ?? account ?? o.identity.principal}`,
    ...(account === undefined ? {} : { account }),
    code: hash32(code),
    right: o.outcome === 'success',
  }
}

/** Short and mostly digits, or what stands in place of it. */
const isCode = (value: string): boolean => /^[0-9A-Z-]{4,10}$/.test(value) || value.startsWith('[redacted:')
