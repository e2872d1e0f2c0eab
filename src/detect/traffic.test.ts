import { describe, expect, it } from 'vitest'
import { observations, traffic } from './traffic.ts'

describe('traffic', () => {
  it('expands ranges, lists and actors in order, a second apart', () => {
    const calls = traffic`alice,bob GET /orders/{1..3} -> 200
carol GET /orders/{7|9} every 5m -> 404 {"error":"no"}`
    expect(calls.map(({ call, identity }) => `${identity.name} ${call.request.path}`)).toEqual([
      'alice /orders/1',
      'alice /orders/2',
      'alice /orders/3',
      'bob /orders/1',
      'bob /orders/2',
      'bob /orders/3',
      'carol /orders/7',
      'carol /orders/9',
    ])
    const times = calls.map(({ call }) => call.time)
    expect(times.slice(0, 7).map((time, index) => time - (times[0] ?? 0) - 1_000 * index)).toEqual([
      0, 0, 0, 0, 0, 0, 0,
    ])
    expect((times[7] ?? 0) - (times[6] ?? 0)).toBe(300_000)
    expect(calls[6]?.match).toEqual({
      endpoint: 'GET api.shop.example/orders/{orderId}',
      template: '/orders/{orderId}',
      params: [['orderId', '7']],
    })
  })

  it('fills in the actor, the last value and the number', () => {
    const [call] =
      traffic`dave PUT /users/{self}/notes/{4} body={"by":"{self}","note":"{id}","n":"{n}"} -> 200 {"owner":"{self}"}`
    expect(call?.call.request.content).toEqual({ kind: 'json', value: { by: 'dave', note: '4', n: '1' } })
    expect(call?.call.response?.content).toEqual({ kind: 'json', value: { owner: 'dave' } })
    expect(call?.match.template).toBe('/users/{userId}/notes/{noteId}')
  })

  it('knows history, waiting, tenants, roles, addresses and callers without a login', () => {
    const calls = traffic`learn alice tenant=acme roles=support,admin ip=203.0.113.9 GET /me -> 200
wait 2h
anonymous GET / -> 200`
    expect(calls).toHaveLength(2)
    expect(calls[0]).toMatchObject({
      learning: true,
      identity: { tenant: 'acme', roles: ['support', 'admin'] },
      call: { source: { ip: '203.0.113.9' } },
    })
    expect(calls[1]).toMatchObject({ learning: false, identity: { kind: 'anonymous' } })
    expect((calls[1]?.call.time ?? 0) - (calls[0]?.call.time ?? 0)).toBe(2 * 3_600_000 + 1_000)
    expect([...observations(calls)].map(({ outcome }) => outcome)).toEqual(['success', 'success'])
  })

  it('refuses what it cannot read, with the line', () => {
    const rows = [
      'alice GET /x',
      'alice GET /x -> ok',
      'alice get /x -> 200',
      'alice GET /x nonsense -> 200',
      'alice GET /x every soon -> 200',
      'alice GET /{1..30000} -> 200',
    ]
    for (const row of rows)
      expect(() => traffic(`# a comment\n${row}`), row).toThrow(
        expect.objectContaining({ code: 'usage/invalid-argument', where: 'line 2' }),
      )
    expect(rows).toHaveLength(6)
  })
})
