import { describe, expect, it } from 'vitest'
import { criticalityOf } from './criticality.ts'
import { isPublic } from './exposure.ts'
import { riskOf } from './risk.ts'

describe('isPublic', () => {
  it('follows the private ranges to their edges', () => {
    const outside = [
      '203.0.113.7',
      '172.15.0.1',
      '172.32.0.1',
      '192.167.1.1',
      '100.63.0.1',
      '100.128.0.1',
      '11.0.0.1',
      '2001:db8::1',
      '::ffff:203.0.113.7',
    ]
    const inside = [
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.1',
      '192.168.1.1',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.1.1',
      '::1',
      'fd00::1',
      'fe80::1',
      '::ffff:10.0.0.1',
    ]
    expect(outside.filter(ip => !isPublic(ip))).toEqual([])
    expect(inside.filter(isPublic)).toEqual([])
  })
})

const nothing = { request: [], response: [] }

describe('criticalityOf', () => {
  const rows: readonly [string, Parameters<typeof criticalityOf>[2], string][] = [
    ['/users/v1/login', nothing, 'authentication'],
    ['/checkout', nothing, 'payment'],
    ['/admin/users/{userId}', nothing, 'admin'],
    ['/orders/export', nothing, 'export'],
    ['/orders/{orderId}', { request: [], response: ['payment-card'] }, 'payment'],
    ['/orders/{orderId}', { request: ['email'], response: [] }, 'personal-data'],
    ['/orders/{paymentId}', nothing, 'other'],
    ['/things', nothing, 'other'],
  ]
  let ran = 0
  it.each(rows)('%s with %o is %s', (template, classes, name) => {
    expect(criticalityOf('GET', template, classes).name).toBe(name)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(8))
})

describe('riskOf', () => {
  const base = {
    exposure: 'external',
    dataClasses: nothing,
    openSuccesses: 0,
    auth: ['bearer-jwt'],
    method: 'GET',
    criticality: { name: 'other', why: '' },
  } as const
  it('rises with each thing at stake and never above 100', () => {
    const plain = riskOf(base).score
    const cards = riskOf({ ...base, dataClasses: { request: [], response: ['payment-card'] } }).score
    const open = riskOf({
      ...base,
      dataClasses: { request: [], response: ['payment-card'] },
      openSuccesses: 4,
      auth: ['none'],
    }).score
    const worst = riskOf({
      ...base,
      dataClasses: { request: ['secret'], response: ['secret'] },
      openSuccesses: 4,
      auth: ['none'],
      criticality: { name: 'admin', why: 'x' },
    }).score
    expect(plain).toBeLessThan(cards)
    expect(cards).toBeLessThan(open)
    expect(open).toBeGreaterThanOrEqual(70)
    expect(worst).toBe(100)
  })
  it('does not hold it against a login that it needs no credential', () => {
    const login = riskOf({
      ...base,
      openSuccesses: 50,
      auth: ['none'],
      criticality: { name: 'authentication', why: 'x' },
    })
    expect(login.factors.map(factor => factor.factor)).not.toContain('unauthenticated')
  })
})
