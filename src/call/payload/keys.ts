import type { PayloadHit } from './grammar.ts'
import { queryOperators } from './nosql.ts'

/** What a bare object key says: query operators, and names that reach an object's prototype. */
export function inspectOperatorKey(key: string): PayloadHit | undefined {
  if (key === '__proto__') return { kind: 'prototype-pollution', rule: 'prototype-key', confidence: 0.97 }
  if (key.charCodeAt(0) === 36 && queryOperators.has(key.toLowerCase())) {
    return {
      kind: 'nosql-injection',
      rule: 'operator-key',
      confidence: key.toLowerCase() === '$where' ? 0.97 : 0.9,
    }
  }
  return undefined
}
