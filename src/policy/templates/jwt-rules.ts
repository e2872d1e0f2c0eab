import { celList, type PolicyTemplate, renderHead } from './template.ts'

export const jwtRules: PolicyTemplate<{
  readonly algorithms: readonly string[]
  /** Any when empty. */
  readonly audience: string
  readonly maxAgeSeconds: number
  readonly senderConstrained: boolean
}> = {
  id: 'jwt-rules',
  title: 'JWT rules',
  summary:
    'Refuses tokens of unexpected algorithms, audience or age, expired ones, and headers no honest issuer writes (RFC 8725).',
  defaults: {
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    audience: '',
    maxAgeSeconds: 86_400,
    senderConstrained: false,
  },
  render: options => {
    const { algorithms, audience, maxAgeSeconds, senderConstrained } = { ...jwtRules.defaults, ...options }
    const wrong = [
      `!(token.algorithm in ${celList(algorithms)})`,
      'size(token.oddities) > 0',
      'token.expiresIn <= 0.0',
      `token.ageSeconds > ${maxAgeSeconds.toFixed(1)}`,
      ...(audience === '' ? [] : [`!(${JSON.stringify(audience)} in token.audience)`]),
      ...(senderConstrained ? ['!token.senderConstrained'] : []),
    ]
    const good = {
      kind: 'bearer-jwt',
      algorithm: algorithms[0] ?? 'ES256',
      ageSeconds: Math.min(60, maxAgeSeconds),
      expiresIn: 600,
      audience: [audience],
      senderConstrained: true,
    }
    const token = (more: object = {}): string => JSON.stringify({ token: { ...good, ...more } })
    return `${renderHead('jwt-rules', 'request', options ?? {})}  when: >-
    token.kind == "bearer-jwt" && (${wrong.join('\n    || ')})
  action: { type: block, status: 401 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This token is not accepted.
  tests:
    - name: an unsigned token
      input: ${token({ algorithm: 'none', oddities: ['unsigned'] })}
      expect: block
    - name: an expired token
      input: ${token({ expiresIn: -1 })}
      expect: block
    - name: a token that is too old
      input: ${token({ ageSeconds: maxAgeSeconds + 1 })}
      expect: block
    - name: a good token
      input: ${token()}
      expect: pass
    - name: no token
      input: {}
      expect: pass
`
  },
}
