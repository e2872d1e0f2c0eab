import { type ApiCall, headerOf } from '../call/api-call.ts'
import { memo } from '../kit/memo.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * Who can reach it, from one more call: `external` once a public source address was seen, itself or in a forwarding
 * header; `internal` while only private ones were.
 */
export function exposureOf(call: ApiCall, before: Endpoint['exposure']): Endpoint['exposure'] {
  const forwarded =
    headerOf(call.request.headers, 'x-forwarded-for') ?? headerOf(call.request.headers, 'forwarded')
  if (forwarded !== undefined) {
    const first = /(?:for=)?"?\[?([0-9a-fA-F.:]{2,45})/.exec(forwarded)?.[1]
    if (first !== undefined && isPublic(first)) return 'external'
  }
  const { ip } = call.source
  if (ip === undefined) return before
  return isPublic(ip) ? 'external' : 'internal'
}

/** Outside the private, loopback, link-local and shared ranges (RFC 1918, 4193, 6598, 3927). */
export const isPublic = memo(isPublicAddress)

function isPublicAddress(ip: string): boolean {
  const text = ip.toLowerCase().startsWith('::ffff:') ? ip.slice(7) : ip
  if (text.includes(':')) return !/^(?:::1?$|f[cd]|fe[89ab])/i.test(text)
  const [a = 0, b = 0] = text.split('.').map(Number)
  return !(
    a === 10 ||
    a === 127 ||
    a === 0 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  )
}
