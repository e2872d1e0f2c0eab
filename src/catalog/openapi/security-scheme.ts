import type { Endpoint } from '../endpoint.ts'
import type { LearnedCredential } from '../messages.ts'
import type { DocumentObject } from './schema-object.ts'

export interface NamedScheme {
  readonly name: string
  readonly scheme: DocumentObject
}

/** The Security Scheme Object of a credential that was seen; undefined where there is none for it. */
export function securityScheme({ scheme, at }: LearnedCredential): NamedScheme | undefined {
  const colon = at.indexOf(':')
  const place = at.slice(0, colon)
  const field = at.slice(colon + 1)
  if (scheme === 'mtls') return { name: 'mutualTLS', scheme: { type: 'mutualTLS' } }
  if (at === 'header:authorization') {
    if (scheme === 'bearer-jwt')
      return { name: 'bearerJwt', scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }
    if (scheme === 'bearer') return { name: 'bearer', scheme: { type: 'http', scheme: 'bearer' } }
    if (scheme === 'basic') return { name: 'basic', scheme: { type: 'http', scheme: 'basic' } }
  }
  if (field === '' || (place !== 'header' && place !== 'query' && place !== 'cookie')) return undefined
  return {
    name: `${scheme}.${place}.${field}`.replace(/[^A-Za-z0-9._-]/g, '_'),
    scheme: { type: 'apiKey', in: place, name: field },
  }
}

/** Where a scheme stands when only the scheme is known. */
const usual: Readonly<Record<string, string>> = {
  'bearer-jwt': 'header:authorization',
  bearer: 'header:authorization',
  basic: 'header:authorization',
  'api-key': 'header:x-api-key',
  mtls: 'header:x-forwarded-client-cert',
  signature: 'header:authorization',
}

/** Every credential an endpoint was called with. */
export function credentialsOf({ messages, auth }: Endpoint): readonly LearnedCredential[] {
  const seen = messages?.credentials ?? []
  const rest = auth
    .filter(scheme => !seen.some(credential => credential.scheme === scheme))
    .flatMap(scheme => (usual[scheme] === undefined ? [] : [{ scheme, at: usual[scheme] }]))
  return [...seen, ...rest]
}
