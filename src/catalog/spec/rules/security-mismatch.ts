import type { ApiCall } from '../../../call/api-call.ts'
import { callCount, defineDriftRule } from '../rule.ts'
import type { SpecSecurity } from '../specification.ts'

const secured = `paths:
  /me:
    get: { security: [{ token: [] }], responses: { '200': { description: ok } } }
  /news:
    get: { security: [{}, { token: [] }], responses: { '200': { description: ok } } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
`

export const securityMismatch = defineDriftRule({
  id: 'security-mismatch',
  title: 'Security not as declared',
  summary:
    'A secured operation answered a call without a credential, or took a weaker one than declared: a password or a key in the URL in place of a token or certificate.',
  owasp: ['API2:2023', 'API8:2023'],
  call: ({ call, bound, succeeded }) => {
    const { security } = bound.operation
    if (!succeeded || security.length === 0 || security.some(one => one.length === 0)) return []
    if (call.principal !== undefined) return []
    const expected = [...new Set(security.flat().map(one => one.scheme))].sort().join(' or ')
    if (call.credentials.length === 0)
      return sentDeclared(call, security.flat())
        ? []
        : [{ subject: 'security:none', expected, observed: 'no credential' }]
    const weaker = weakerThan(call, security.flat())
    return weaker === undefined ? [] : [{ subject: `security:${weaker}`, expected, observed: weaker }]
  },
  severity: ({ subject }) => (subject === 'security:none' ? 'high' : 'medium'),
  why: ({ calls, expected, observed }) =>
    `The specification demands ${expected}; ${callCount(calls)} with ${observed} succeeded.`,
  fix: ({ subject }) =>
    subject === 'security:none'
      ? 'Demand the credential, or declare the operation public on purpose (`security: []`).'
      : 'Accept only the declared scheme.',
  examples: {
    fires: [
      { specification: secured, calls: [{ request: 'GET /me', credential: 'none' }] },
      { specification: secured, calls: [{ request: 'GET /me', credential: 'basic' }] },
      { specification: secured, calls: [{ request: 'GET /me', credential: 'api-key-query' }] },
    ],
    quiet: [
      { specification: secured, calls: [{ request: 'GET /me' }] },
      { specification: secured, calls: [{ request: 'GET /me', credential: 'none', status: 401 }] },
      { specification: secured, calls: [{ request: 'GET /news', credential: 'none' }] },
    ],
  },
})

/** The declared key stood in the call, though nothing told it apart as a credential. */
function sentDeclared(call: ApiCall, schemes: readonly SpecSecurity[]): boolean {
  return schemes.some(({ at, scheme }) => {
    if (at === undefined) return scheme === 'mtls' || scheme === 'other'
    const name = at.slice(at.indexOf(':') + 1)
    if (at.startsWith('header:')) return call.request.headers.some(([key]) => key === name)
    if (at.startsWith('query:')) return call.request.query.some(([key]) => key.toLowerCase() === name)
    return call.request.headers.some(
      ([key, value]) => key === 'cookie' && value.toLowerCase().includes(`${name}=`),
    )
  })
}

/** A password or a key in the URL where only tokens and certificates are declared. */
function weakerThan(call: ApiCall, declared: readonly SpecSecurity[]): string | undefined {
  if (!declared.every(({ scheme }) => scheme === 'bearer' || scheme === 'mtls')) return undefined
  let weak: string | undefined
  for (const { scheme, at } of call.credentials) {
    if (scheme === 'basic') weak ??= 'basic'
    else if (scheme === 'api-key' && at.startsWith('query:')) weak ??= 'an API key in the query'
    else return undefined
  }
  return weak
}
