import { describe, expect, it } from 'vitest'
import type { Credential } from '../call/credential.ts'
import type { Workload } from '../call/workload.ts'
import type { Fingerprint } from '../kit/id.ts'
import { type IdentityEvidence, identify } from './identify.ts'
import { SessionDirectory } from './session-directory.ts'

const fingerprint = (digit: string): Fingerprint => digit.repeat(32) as Fingerprint
const credential = (given: Partial<Credential>): Credential => ({
  scheme: 'bearer-jwt',
  at: 'header:authorization',
  fingerprint: fingerprint('a'),
  verification: 'unverified',
  ...given,
})
const evidence = (
  credentials: readonly Credential[],
  more: Partial<IdentityEvidence> = {},
): IdentityEvidence => ({
  credentials,
  source: { ip: '203.0.113.7' },
  headers: [['user-agent', 'curl/8.1']],
  ...more,
})
const nobody = new SessionDirectory()

describe('identify', () => {
  const rows: readonly [string, readonly Credential[], string, number][] = [
    ['JWT subject', [credential({ claims: { sub: 'alice' } })], 'user:alice', 0.8],
    ['verified JWT', [credential({ claims: { sub: 'alice' }, verification: 'verified' })], 'user:alice', 1],
    ['numeric subject', [credential({ claims: { sub: 42 } })], 'user:42', 0.8],
    [
      'no sub but an e-mail',
      [credential({ claims: { email: 'a@shop.example' } })],
      'user:a@shop.example',
      0.8,
    ],
    [
      'client credentials by azp',
      [credential({ claims: { sub: 'billing', azp: 'billing' } })],
      'service:billing',
      0.8,
    ],
    [
      'client credentials by client_id',
      [credential({ claims: { sub: 'billing', client_id: 'billing' } })],
      'service:billing',
      0.8,
    ],
    [
      'client credentials by gty',
      [credential({ claims: { sub: 'x', gty: 'client-credentials' } })],
      'service:x',
      0.8,
    ],
    [
      'Kubernetes service account',
      [credential({ claims: { sub: 'system:serviceaccount:shop:web' } })],
      'service:system:serviceaccount:shop:web',
      0.8,
    ],
    ['agent', [credential({ claims: { sub: 'helper', agent: true } })], 'agent:helper', 0.8],
    [
      'SPIFFE id',
      [credential({ scheme: 'mtls', subject: 'spiffe://prod/ns/shop/sa/orders' })],
      'service:shop/orders',
      1,
    ],
    [
      'other SPIFFE id',
      [credential({ scheme: 'mtls', subject: 'spiffe://prod/billing/api' })],
      'service:billing/api',
      1,
    ],
    [
      'certificate subject',
      [credential({ scheme: 'mtls', subject: 'O=Shop, CN=orders.shop.example' })],
      'service:orders.shop.example',
      1,
    ],
    ['API key', [credential({ scheme: 'api-key', at: 'header:x-api-key' })], 'apikey:aaaaaaaaaaaa', 0.6],
    ['request signature', [credential({ scheme: 'signature', subject: 'KEY7' })], 'apikey:KEY7', 0.6],
    ['basic user', [credential({ scheme: 'basic', subject: 'bob' })], 'user:bob', 0.6],
    ['opaque token', [credential({ scheme: 'bearer' })], 'token:aaaaaaaaaaaa', 0.6],
    [
      'session by its usual name',
      [credential({ scheme: 'session', at: 'cookie:connect.sid' })],
      'session:aaaaaaaaaaaa',
      0.6,
    ],
    ['token without a subject', [credential({ claims: {} })], 'token:aaaaaaaaaaaa', 0.6],
    [
      'token whose check failed',
      [credential({ claims: { sub: 'root', admin: true }, verification: 'invalid' })],
      'token:aaaaaaaaaaaa',
      0.6,
    ],
    [
      'JWT before certificate before API key',
      [
        credential({ scheme: 'api-key' }),
        credential({ scheme: 'mtls', subject: 'CN=x' }),
        credential({ claims: { sub: 'alice' } }),
      ],
      'user:alice',
      0.8,
    ],
    [
      'API key before basic',
      [credential({ scheme: 'basic', subject: 'bob' }), credential({ scheme: 'api-key' })],
      'apikey:aaaaaaaaaaaa',
      0.6,
    ],
  ]
  let ran = 0
  it.each(rows)('%s', (_, credentials, principal, confidence) => {
    const identity = identify(evidence(credentials), nobody)
    expect(identity.principal).toBe(principal)
    expect(identity.principal).toBe(`${identity.kind}:${identity.name}`)
    expect(identity.confidence).toBe(confidence)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(21))

  it('does not take a preference cookie for a session', () => {
    expect(
      identify(evidence([credential({ scheme: 'session', at: 'cookie:layout_choice' })]), nobody).kind,
    ).toBe('anonymous')
  })

  it('trusts nothing that a token with a failed check claims', () => {
    const identity = identify(
      evidence([credential({ claims: { sub: 'root', admin: true, tenant: 't9' }, verification: 'invalid' })]),
      nobody,
    )
    expect(identity.roles).toEqual([])
    expect(identity.tenant).toBeUndefined()
  })

  it('puts the declared principal first, in our form or bare', () => {
    const token = credential({ claims: { sub: 'alice' } })
    const named = identify(
      evidence([token], { principal: { id: 'carol', kind: 'user', tenant: 't2', roles: ['ops'] } }),
      nobody,
    )
    expect([named.principal, named.tenant, named.roles, named.confidence]).toEqual([
      'user:carol',
      't2',
      ['ops'],
      1,
    ])
    expect(identify(evidence([], { principal: { id: 'service:web' } }), nobody).principal).toBe('service:web')
  })

  it('takes a workload that calls without a credential for itself, and a credential before that', () => {
    const from = (workload: Workload, credentials: readonly Credential[] = []) =>
      identify(evidence(credentials, { source: { ip: '10.0.0.7', workload } }), nobody).principal
    const orders = { namespace: 'shop', name: 'orders' }
    expect([
      from(orders),
      from({ ...orders, serviceAccount: 'orders-sa' }),
      from({ namespace: 'shop' }).startsWith('anonymous:'),
      from(orders, [credential({ claims: { sub: 'alice' } })]),
    ]).toEqual(['service:shop/orders', 'service:shop/orders-sa', true, 'user:alice'])
  })

  it('reads tenant and roles from whatever the issuer calls them', () => {
    const claims: readonly [Credential['claims'] & object, string | undefined, readonly string[]][] = [
      [{ sub: 'a', tenant: 't1', roles: ['admin', 'user'] }, 't1', ['admin', 'user']],
      [{ sub: 'a', org_id: 7, role: 'viewer' }, '7', ['viewer']],
      [{ sub: 'a', tid: 'x', scope: 'read write' }, 'x', ['scope:read', 'scope:write']],
      [
        { sub: 'a', 'https://shop.example/roles': ['ops'], 'https://shop.example/tenant': 't3' },
        't3',
        ['ops'],
      ],
      [{ sub: 'a', is_admin: true, staff: false }, undefined, ['admin']],
      [{ sub: 'a', 'cognito:groups': ['g1'] }, undefined, ['g1']],
    ]
    for (const [given, tenant, roles] of claims) {
      const identity = identify(evidence([credential({ claims: given })]), nobody)
      expect([identity.tenant, identity.roles]).toEqual([tenant, roles])
    }
    expect(claims.length).toBe(6)
  })

  it('keeps a device over versions and addresses of one network, and tells clients apart', () => {
    const agent = (text: string, ip = '203.0.113.7') =>
      identify(evidence([], { source: { ip }, headers: [['user-agent', text]] }), nobody)
    expect(agent('curl/8.1').principal).toBe(agent('curl/8.2', '203.0.113.9').principal)
    expect(agent('curl/8.1').principal).not.toBe(agent('okhttp/4').principal)
    expect(agent('curl/8.1').principal).not.toBe(agent('curl/8.1', '198.51.100.7').principal)
    expect(agent('curl/8.1').principal).toMatch(/^anonymous:[0-9a-f]{16}$/)
    expect(identify({ credentials: [], source: {}, headers: [] }, nobody).confidence).toBe(0.1)
  })

  it('cuts long names and takes control characters out', () => {
    const { name } = identify(evidence([credential({ claims: { sub: `a\nb${'x'.repeat(500)}` } })]), nobody)
    expect(name.length).toBe(128)
    expect(name.startsWith('a�b')).toBe(true)
  })

  it('believes nothing of a token that is unsigned by its own word', () => {
    const token = credential({ claims: { sub: 'root', roles: ['admin'] }, algorithm: 'None' })
    const identity = identify(evidence([token]), nobody)
    expect([identity.principal, identity.roles, identity.claims]).toEqual(['token:aaaaaaaaaaaa', [], {}])
  })

  it('tells the client, the login and who acts for whom', () => {
    const claims = { sub: 'alice', azp: 'portal', sid: 's-1' }
    const chain = identify(
      evidence([
        credential({ claims: { ...claims, 'act.sub': 'helper', 'act.chain': ['helper', 'planner'] } }),
      ]),
      nobody,
    )
    expect([chain.principal, chain.client, chain.session, chain.actors]).toEqual([
      'user:alice',
      'portal',
      's-1',
      ['helper', 'planner'],
    ])
    const one = identify(evidence([credential({ claims: { ...claims, 'act.sub': 'helper' } })]), nobody)
    expect(one.actors).toEqual(['helper'])
    expect(identify(evidence([credential({ claims })]), nobody).actors).toBeUndefined()
  })

  it('prefixes the issuer only where several are in use', () => {
    const several = SessionDirectory.from({ cookies: [], sessions: [], issuers: 2 })
    const token = credential({ claims: { sub: 'alice', iss: 'https://id.shop.example' } })
    expect(identify(evidence([token]), nobody).principal).toBe('user:alice')
    expect(identify(evidence([token]), several).principal).toBe('user:https://id.shop.example|alice')
  })
})
