import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import type { Identity } from '../identity/identity.ts'
import { callId, type EndpointId, type PrincipalKind, principalId, tenantId } from '../kit/id.ts'
import { judgeOwner } from './judge-owner.ts'
import type { Observation } from './observation.ts'
import { OwnerBindings } from './owner-bindings.ts'

const endpoint = 'GET api.example/orders/{orderId}' as EndpointId

interface Who {
  readonly kind?: PrincipalKind
  readonly roles?: readonly string[]
  readonly tenant?: string
  readonly claims?: Identity['claims']
}

const identity = (name: string, who: Who = {}): Identity => ({
  principal: principalId(who.kind ?? 'user', name),
  kind: who.kind ?? 'user',
  name,
  roles: who.roles ?? [],
  ...(who.tenant === undefined ? {} : { tenant: tenantId(who.tenant) }),
  claims: who.claims ?? {},
  confidence: 1,
  device: 'd',
  evidence: '',
})

function seen(caller: Identity, body: Json, learning = false, at = endpoint): Observation {
  const call: ApiCall = {
    type: 'call',
    id: callId('c'),
    time: 0,
    source: {},
    destination: { host: 'api.example' },
    request: {
      method: 'GET',
      target: '/orders/1',
      path: '/orders/1',
      query: [],
      httpVersion: '1.1',
      headers: [],
      content: { kind: 'empty' },
      bodySize: 0,
      bodyTruncated: false,
    },
    response: {
      status: 200,
      headers: [],
      content: { kind: 'json', value: body },
      bodySize: 0,
      bodyTruncated: false,
    },
    credentials: [],
  }
  return {
    call,
    identity: caller,
    match: { endpoint: at, template: '/orders/{orderId}', params: [['orderId', '1']] },
    outcome: 'success',
    learning,
  }
}

function taught(
  users: number,
  each: number,
  body: (name: string) => Json,
  who?: (index: number) => Who,
): OwnerBindings {
  const owners = new OwnerBindings()
  for (let user = 0; user < users; user += 1) {
    for (let round = 0; round < each; round += 1)
      owners.observe(seen(identity(`u${user}`, who?.(user)), body(`u${user}`)))
  }
  return owners
}

describe('OwnerBindings', () => {
  it('learns a field that is named like an owner from eight answers to three users', () => {
    expect(taught(3, 3, name => ({ id: 1, owner: name })).of(endpoint)).toMatchObject([
      { field: 'owner', claim: 'name', scope: 'user', principals: 3 },
    ])
    expect(taught(2, 8, name => ({ id: 1, owner: name })).of(endpoint)).toEqual([])
  })

  it('learns nested fields, lists and claims', () => {
    const rows: readonly (readonly [string, (name: string) => Json])[] = [
      ['data.ownerId', name => ({ data: { ownerId: name } })],
      ['user.id', name => ({ user: { id: name } })],
      ['items[].userId', name => ({ items: [{ userId: name }, { userId: name }] })],
    ]
    for (const [field, body] of rows)
      expect(
        taught(4, 4, body)
          .of(endpoint)
          .map(binding => binding.field),
      ).toEqual([field])
    expect(rows).toHaveLength(3)
    const byMail = taught(
      4,
      4,
      name => ({ email: `${name}@x.example` }),
      user => ({ claims: { email: `u${user}@x.example` } }),
    )
    expect(byMail.of(endpoint)).toMatchObject([{ field: 'email', claim: 'email' }])
  })

  it('needs far more for a field whose name says nothing', () => {
    expect(taught(5, 10, name => ({ ref: name })).of(endpoint)).toEqual([])
    expect(taught(25, 10, name => ({ ref: name })).of(endpoint)).toMatchObject([{ field: 'ref' }])
  })

  it('takes neither what is the same for everybody nor what names authors', () => {
    expect(taught(6, 5, () => ({ user: 'shop', owner: 'u1' })).of(endpoint)).toEqual([])
    const owners = new OwnerBindings()
    for (let reader = 0; reader < 8; reader += 1)
      for (let author = 0; author < 8; author += 1)
        owners.observe(seen(identity(`u${reader}`), { owner: `u${author}` }))
    expect(owners.of(endpoint)).toEqual([])
  })

  it('learns tenants only where there are several', () => {
    const tenants = taught(
      4,
      4,
      name => ({ tenantId: Number(name.slice(1)) % 2 === 0 ? 'acme' : 'globex' }),
      user => ({ tenant: user % 2 === 0 ? 'acme' : 'globex' }),
    )
    expect(tenants.of(endpoint)).toMatchObject([{ field: 'tenantId', claim: 'tenant', scope: 'tenant' }])
    expect(
      taught(
        4,
        4,
        () => ({ tenantId: 'acme' }),
        () => ({ tenant: 'acme' }),
      ).of(endpoint),
    ).toEqual([])
  })

  it('cannot be taught or untaught by one principal, however much it calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), fc.boolean(), (calls, first) => {
        const owners = new OwnerBindings()
        const attack = (): void => {
          for (let call = 0; call < calls; call += 1)
            owners.observe(seen(identity('mallory'), { owner: `u${call % 5}` }))
        }
        if (first) attack()
        for (let user = 0; user < 5; user += 1)
          for (let round = 0; round < 6; round += 1)
            owners.observe(seen(identity(`u${user}`), { owner: `u${user}` }))
        if (!first) attack()
        const content = { kind: 'json', value: { owner: 'u1' } } as const
        expect(judgeOwner(owners.of(endpoint), content, identity('mallory')).foreign).toBe(true)
        expect(judgeOwner(owners.of(endpoint), content, identity('u1')).foreign).toBe(false)
      }),
      { numRuns: 30 },
    )
  })

  it('lets support, services and settled crossers across, and nobody else', () => {
    const owners = taught(6, 6, name => ({ owner: name }))
    for (let round = 0; round < 12; round += 1)
      owners.observe(seen(identity('boss'), { owner: `u${round % 6}` }, true))
    for (let round = 0; round < 12; round += 1)
      owners.observe(seen(identity('thief'), { owner: `u${round % 6}` }))
    const judge = (who: Identity): boolean =>
      judgeOwner(owners.of(endpoint), { kind: 'json', value: { owner: 'u1' } }, who).foreign
    expect(judge(identity('sam', { roles: ['support'] }))).toBe(false)
    expect(judge(identity('sync', { kind: 'service' }))).toBe(false)
    expect(judge(identity('boss'))).toBe(false)
    expect(judge(identity('thief'))).toBe(true)
    expect(judge(identity('eve', { roles: ['customer'] }))).toBe(true)
  })

  it('does not exempt a role because a few of its people attack', () => {
    const owners = new OwnerBindings()
    for (let user = 0; user < 30; user += 1)
      for (let round = 0; round < 4; round += 1)
        owners.observe(seen(identity(`u${user}`, { roles: ['customer'] }), { owner: `u${user}` }))
    for (let thief = 0; thief < 3; thief += 1)
      for (let round = 0; round < 20; round += 1)
        owners.observe(seen(identity(`t${thief}`, { roles: ['customer'] }), { owner: `u${round}` }))
    expect(
      judgeOwner(
        owners.of(endpoint),
        { kind: 'json', value: { owner: 'u1' } },
        identity('t1', { roles: ['customer'] }),
      ).foreign,
    ).toBe(true)
  })

  it('moves what it learned when endpoints are merged', () => {
    const owners = taught(4, 4, name => ({ owner: name }))
    const to = 'GET api.example/orders/{id}' as EndpointId
    owners.merged(endpoint, to)
    expect(owners.of(endpoint)).toEqual([])
    expect(owners.of(to)).toMatchObject([{ endpoint: to, field: 'owner' }])
  })

  it('holds its bounds', () => {
    const owners = new OwnerBindings({ endpoints: 3, candidates: 2, principals: 5 })
    for (let at = 0; at < 10; at += 1) {
      for (let user = 0; user < 20; user += 1) {
        owners.observe(
          seen(
            identity(`u${user}`),
            { owner: `u${user}`, user: `u${user}`, customer: `u${user}` },
            false,
            `GET api.example/e${at}` as EndpointId,
          ),
        )
      }
    }
    expect(owners.size()).toBeLessThanOrEqual(3 * 2 * 5)
  })
})

describe('judgeOwner', () => {
  const binding = {
    endpoint,
    scope: 'user',
    field: 'items[].owner',
    claim: 'name',
    seen: 9,
    agreement: 0.9,
    principals: 3,
    exemptRoles: [],
  } as const

  it('finds one foreign element in a list', () => {
    const content = { kind: 'json', value: { items: [{ owner: 'alice' }, { owner: 'bob' }] } } as const
    expect(judgeOwner([binding], content, identity('alice'))).toEqual({
      owner: 'bob',
      tenant: '',
      foreign: true,
      foreignTenant: false,
    })
  })

  it('says nothing of callers without a name and of answers without the field', () => {
    const content = { kind: 'json', value: { items: [{ owner: 'bob' }] } } as const
    expect(judgeOwner([binding], content, identity('x', { kind: 'anonymous' })).foreign).toBe(false)
    expect(judgeOwner([binding], { kind: 'json', value: { error: 'no' } }, identity('alice')).owner).toBe('')
    expect(judgeOwner([binding], { kind: 'text', text: 'bob' }, identity('alice')).foreign).toBe(false)
  })

  it('never throws on any answer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        judgeOwner([binding], { kind: 'json', value: value as Json }, identity('alice'))
        new OwnerBindings().observe(seen(identity('alice'), value as Json))
      }),
    )
  })
})
