import type { SpecScheme, SpecSecurity } from './specification.ts'
import { get, isTree, listAt, textAt } from './tree.ts'

/** A security scheme of OpenAPI 2.0 to 3.1. */
export function securityScheme(name: string, raw: unknown): SpecSecurity {
  const at = textAt(raw, 'in')
  const key = textAt(raw, 'name')
  const scheme = schemeOf(raw)
  return {
    name,
    scheme,
    ...(scheme === 'api-key' && at !== undefined && key !== undefined
      ? { at: `${at}:${key.toLowerCase()}` }
      : {}),
  }
}

function schemeOf(raw: unknown): SpecScheme {
  const type = textAt(raw, 'type')?.toLowerCase()
  if (type === 'basic') return 'basic'
  if (type === 'oauth2' || type === 'openidconnect') return 'bearer'
  if (type === 'mutualtls') return 'mtls'
  if (type === 'apikey') return 'api-key'
  if (type !== 'http') return 'other'
  const scheme = textAt(raw, 'scheme')?.toLowerCase()
  return scheme === 'basic' ? 'basic' : scheme === 'bearer' ? 'bearer' : 'other'
}

/** The alternatives of a `security` list, the operation's own before the document's. */
export function securityOf(
  operation: unknown,
  document: unknown,
  schemes: ReadonlyMap<string, SpecSecurity>,
): readonly (readonly SpecSecurity[])[] {
  const own = get(operation, 'security')
  const list = Array.isArray(own) ? own : listAt(document, 'security')
  return list
    .filter(isTree)
    .map(one => Object.keys(one).map(name => schemes.get(name) ?? { name, scheme: 'other' as const }))
}
