import { evaluate } from '@marcbachmann/cel-js'
import { compileEndpointPattern, splitPath } from '../../kit/endpoint-pattern.ts'
import type { Attempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import { fields, texts } from './selector.ts'
import type { Verdict } from './verdict.ts'

/** What an ApiPolicy that blocks says to a request: it never allows, it only has nothing against it. */
export function apiVerdict(document: ManifestDocument, attempt: Attempt): Verdict {
  if (attempt.does !== 'ask') return 'silent'
  const { match, when, action } = fields(document.spec)
  if (fields(action).type !== 'block') return 'silent'
  const { hosts, endpoints } = fields(match)
  if (hosts !== undefined && !texts(hosts).includes(attempt.host)) return 'silent'
  const known = attempt.template !== undefined
  const template = attempt.template ?? attempt.path
  if (
    endpoints !== undefined &&
    !texts(endpoints).some(text => {
      const pattern = compileEndpointPattern(text)
      return (
        (pattern.method === undefined || pattern.method === attempt.method) &&
        pattern.matches(splitPath(template), known)
      )
    })
  )
    return 'silent'
  const principal = attempt.principal ?? 'anonymous:somebody'
  const colon = principal.indexOf(':')
  const holds: unknown = evaluate(String(when), {
    identity: { principal, kind: principal.slice(0, colon), name: principal.slice(colon + 1) },
    endpoint: { id: known ? `${attempt.method} ${attempt.host}${template}` : '', known },
  })
  return holds === true ? 'denies' : 'allows'
}
