import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePolicies } from '../../../src/policy/parse.ts'
import { modeIn, nameIn, withMode } from './policy-source.ts'
import { draftPolicy, policyName } from './policy-template.ts'

describe('a draft', () => {
  test.each([
    ['owner-binding', 'owner-guard-orders', 'response'],
    ['cross-tenant', 'tenant-guard-orders', 'response'],
    ['credential-stuffing', 'throttle-orders', 'request'],
    ['injection-payload', 'injection-guard-orders', 'request'],
  ])('against %s is a policy that the server can read', (detector, name, phase) => {
    const source = draftPolicy({
      detectors: [detector],
      endpoints: ['GET api.shop.example/orders/{orderId}'],
      incident: 'inc-1',
    })
    const { policies, problems } = parsePolicies(source, 'draft.yaml')
    expect(problems).toEqual([])
    expect(policies).toHaveLength(1)
    expect(policies[0]).toMatchObject({
      name,
      mode: 'shadow',
      phase,
      match: { endpoints: ['GET /orders/{orderId}'] },
    })
    expect(nameIn(source)).toBe(name)
  })

  test('stays one policy whatever traffic calls its endpoint', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (endpoint, incident) => {
        const { policies } = parsePolicies(
          draftPolicy({ detectors: ['owner-binding'], endpoints: [endpoint], incident }),
          'draft.yaml',
        )
        expect(policies.length).toBeLessThanOrEqual(1)
        for (const policy of policies)
          expect(policy).toMatchObject({ mode: 'shadow', action: { type: 'block', status: 403 } })
      }),
    )
  })
})

test('names are what policies may be called', () => {
  fc.assert(
    fc.property(fc.string(), wish => {
      expect(policyName(wish)).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}$/)
    }),
  )
})

describe('the source', () => {
  const source = draftPolicy({ detectors: ['owner-binding'] })
  test('changes its mode and nothing else', () => {
    const enforced = withMode(source, 'enforce')
    expect([modeIn(source), modeIn(enforced)]).toEqual(['shadow', 'enforce'])
    expect(withMode(enforced, 'shadow')).toBe(source)
    expect(parsePolicies(enforced, 'p.yaml').policies[0]?.mode).toBe('enforce')
  })

  test('gets a mode where it has none', () => {
    const without = source.replace(/\n {2}mode: shadow/, '')
    expect(modeIn(without)).toBe('shadow')
    expect(parsePolicies(withMode(without, 'enforce'), 'p.yaml').policies[0]?.mode).toBe('enforce')
  })

  test('names itself in either style of YAML', () => {
    expect(nameIn('metadata: { name: a-b }\nspec:\n')).toBe('a-b')
    expect(nameIn('metadata:\n  labels: {}\n  name: "c" # comment\n')).toBe('c')
    expect(nameIn('spec:\n  name: no\n')).toBeUndefined()
  })
})
