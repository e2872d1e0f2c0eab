import type { PolicyFacts, StepUpAction } from '../policy/facts.ts'

const seconds = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/**
 * Whether the token already says what a step-up asks for: one of the authentication contexts in `acr`, and an `auth_time` (RFC 9068 §2.2.1)
 * that is young enough. The token's signature is the service's, or the identity provider's keys', to check.
 */
export function isSteppedUp(
  { acrValues, maxAge }: StepUpAction,
  claims: PolicyFacts['identity']['claims'],
  now: number,
): boolean {
  if (acrValues.length > 0 && !acrValues.includes(String(claims.acr))) return false
  if (maxAge === undefined) return true
  const at = seconds(claims.auth_time)
  return at !== undefined && now / 1000 - at <= maxAge && at * 1000 <= now + 60_000
}

/** The `www-authenticate` of RFC 9470 section 3. */
export function stepUpHeader({ acrValues, maxAge }: StepUpAction): string {
  const parts = [
    'Bearer error="insufficient_user_authentication"',
    'error_description="A different authentication is required"',
    ...(acrValues.length === 0 ? [] : [`acr_values="${acrValues.join(' ')}"`]),
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ]
  return parts.join(', ')
}
