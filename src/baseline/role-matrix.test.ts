import { describe, expect, it } from 'vitest'
import { observations, traffic } from '../detect/traffic.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import type { Observation } from './observation.ts'
import { isAdminPath, RoleMatrix } from './role-matrix.ts'

const members = Array.from({ length: 20 }, (_, index) => `u${index + 1}`).join(',')
const days = (line: string, count: number): string =>
  Array.from({ length: count }, () => `${line}\nwait 1d`).join('\n')

function learned(text: string): RoleMatrix {
  const matrix = new RoleMatrix()
  for (const o of observations(traffic(text))) matrix.observe(o)
  return matrix
}

const one = (line: string): Observation => [...observations(traffic(line))][0] as Observation

describe('the matrix of roles and endpoints', () => {
  const usual = `${days(`learn ${members} roles=member GET /orders/{1} -> 200`, 4)}
learn ed roles=editor PUT /pages/{1} -> 200
wait 2d`

  it('counts principals and days, not calls', () => {
    const matrix = learned(`learn ann roles=member GET /orders/{1} x 50 -> 200`)
    expect(matrix.standingOf(one('bob roles=member GET /orders/{1} -> 200'))).toMatchObject({
      group: 'member',
      days: 1,
      used: 1,
    })
  })

  it('says of a function that a much smaller group has that it is above', () => {
    const standing = learned(usual).standingOf(one('u3 roles=member PUT /pages/{1} -> 200'))
    expect(standing.above).toEqual(['editor'])
    expect(standing.used).toBe(0)
    expect(standing.chance).toBeLessThan(0.005)
  })

  it('says of what the many do that it is above nobody', () => {
    const standing = learned(usual).standingOf(one('ed roles=editor GET /orders/{1} -> 200'))
    expect(standing.above).toEqual([])
  })

  it('learns no rights from a single principal outside settled history, and from several', () => {
    const few = learned(`${usual}\nu1 roles=member PUT /pages/{1} x 30 -> 200`)
    expect(few.standingOf(one('u3 roles=member PUT /pages/{1} -> 200')).used).toBe(0)
    const many = learned(`${usual}\nu1,u2,u4,u5,u6 roles=member PUT /pages/{1} -> 200`)
    expect(many.standingOf(one('u3 roles=member PUT /pages/{1} -> 200')).used).toBe(5)
  })

  it('tells which groups above change things at the same path', () => {
    const matrix = learned(usual)
    expect(matrix.changersAbove(one('u3 roles=member DELETE /pages/{1} -> 204'))).toEqual(['editor'])
    expect(matrix.changersAbove(one('u3 roles=member DELETE /orders/{1} -> 204'))).toEqual([])
  })

  it('takes the application’s word for who is an administrator', () => {
    const matrix = learned('learn root GET /me -> 200 {"username":"root","admin":true}')
    expect(matrix.groupOf(one('root DELETE /users/{1} -> 204'))).not.toBe('kind:user')
    expect(matrix.groupOf(one('ann DELETE /users/{1} -> 204'))).toBe('kind:user')
  })

  it('learns nothing from what is refused', () => {
    const matrix = learned(`${usual}\n${members} roles=member PUT /pages/{1} -> 403`)
    expect(matrix.standingOf(one('u3 roles=member PUT /pages/{1} -> 200')).used).toBe(0)
  })

  it('says the same after it was kept, and of an endpoint that was folded', () => {
    const matrix = learned(usual)
    const call = one('u3 roles=member PUT /pages/{1} -> 200')
    const again = new RoleMatrix()
    again.load(thaw(freeze(matrix.save())))
    expect(again.standingOf(call)).toEqual(matrix.standingOf(call))
    matrix.merged(call.match.endpoint, one('u3 PUT /sites/{1} -> 200').match.endpoint)
    expect(matrix.standingOf(call).above).toEqual([])
    expect(matrix.standingOf(one('u3 roles=member PUT /sites/{1} -> 200')).above).toEqual(['editor'])
  })
})

describe('a path for administrators', () => {
  it('is told by its own words, not by the title of a document', () => {
    const rows: [string, boolean][] = [
      ['/admin/users/{userId}', true],
      ['/adminInfo', true],
      ['/debugVars/all', true],
      ['/internal/_debug', true],
      ['/admin/help-page.html', true],
      ['/admin.html', true],
      ['/files/java-ssl-debug-last-request.txt', false],
      ['/pages/meet-the-admin-team.html', false],
      ['/administrative-regions', false],
      ['/debugging-tips', false],
      ['/users/{admin}', false],
    ]
    for (const [template, expected] of rows)
      expect([template, isAdminPath(template)]).toEqual([template, expected])
    expect(rows).toHaveLength(11)
  })
})
