import type { ApiCall } from '../call/api-call.ts'

/** How a call proved who made it: the scheme of its first credential, `none` without any. */
export function authenticationOf(call: ApiCall): string {
  const first = call.credentials[0]
  if (first !== undefined) return first.scheme
  return call.principal === undefined ? 'none' : 'declared'
}
