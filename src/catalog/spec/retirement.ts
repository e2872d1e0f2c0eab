import { type ApiCall, headerOf } from '../../call/api-call.ts'
import type { BoundOperation } from './match.ts'

export interface Retirement {
  /** Who says so, as part of a sentence. */
  readonly by: string
  /** True once the date of its end was before the call. */
  readonly past: boolean
}

/** What an answer says of the end of its endpoint: `Deprecation` (RFC 9745, and the older `true`) and `Sunset` (RFC 8594). */
export function retirementInHeaders(call: ApiCall): Retirement | undefined {
  const { response } = call
  if (response === undefined || response.status < 200 || response.status >= 400) return undefined
  const deprecation = headerOf(response.headers, 'deprecation')
  const sunset = headerOf(response.headers, 'sunset')
  if (sunset !== undefined) {
    const end = Date.parse(sunset)
    if (!Number.isNaN(end)) return { by: 'its answers carry `Sunset`', past: end < call.time }
  }
  if (deprecation === undefined || !isDeprecated(deprecation, call.time)) return undefined
  return { by: 'its answers carry `Deprecation`', past: false }
}

/** `@<seconds>` or an HTTP date that is not in the future, or `true`. */
function isDeprecated(value: string, now: number): boolean {
  const text = value.trim()
  if (/^(?:true|\?1)$/i.test(text)) return true
  const seconds = /^@(-?\d{1,12})$/.exec(text)?.[1]
  const time = seconds === undefined ? Date.parse(text) : Number(seconds) * 1000
  return !Number.isNaN(time) && time <= now
}

/** Whether an operation is on its way out, by its specification, a newer one, or its own answers. */
export function retirementOf(call: ApiCall, bound: BoundOperation | undefined): Retirement | undefined {
  const promised = bound === undefined ? undefined : retirementInSpecification(bound, call.time)
  if (promised?.past === true) return promised
  const told = retirementInHeaders(call)
  return told?.past === true ? told : (promised ?? told)
}

export function retirementInSpecification(bound: BoundOperation, now: number): Retirement | undefined {
  const { operation, supersededBy } = bound
  if (operation.sunset !== undefined && operation.sunset < now)
    return { by: 'the specification dates its end', past: true }
  if (supersededBy !== undefined)
    return { by: `version ${supersededBy} of the specification no longer has it`, past: true }
  return operation.deprecated || operation.sunset !== undefined
    ? { by: 'the specification calls it deprecated', past: false }
    : undefined
}
