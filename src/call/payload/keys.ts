import type { PayloadHit } from './grammar.ts'
import { queryOperators } from './nosql.ts'

/** A lookup of an object mapper that walks over relations to a secret: `user__password__startswith`. */
const ormLookup =
  /__(?:password|passwd|secret|token|api_?key|otp|hash|salt|is_superuser|is_staff|permissions?)(?:__(?:i?startswith|i?endswith|i?contains|i?regex|i?exact|has_keys?|in|gte?|lte?|isnull)){0,2}$/i

/** What a bare object key says: query operators, and names that reach an object's prototype or a secret. */
export function inspectOperatorKey(key: string): PayloadHit | undefined {
  if (key === '__proto__') return { kind: 'prototype-pollution', rule: 'prototype-key', confidence: 0.97 }
  if (key.charCodeAt(0) === 36 && queryOperators.has(key.toLowerCase())) {
    return {
      kind: 'nosql-injection',
      rule: 'operator-key',
      confidence: key.toLowerCase() === '$where' ? 0.97 : 0.9,
    }
  }
  if (/^\s{1,8}on[a-z]{4,48}\s{0,4}$/i.test(key)) return { kind: 'xss', rule: 'handler', confidence: 0.65 }
  if (ormLookup.test(key)) return { kind: 'nosql-injection', rule: 'secret-lookup', confidence: 0.85 }
  return undefined
}
