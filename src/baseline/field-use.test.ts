import { describe, expect, it } from 'vitest'
import { observations, traffic } from '../detect/traffic.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { eachField, FieldUse, fieldAt, othersWho } from './field-use.ts'
import type { Observation } from './observation.ts'

function learned(text: string, use = new FieldUse()): FieldUse {
  for (const o of observations(traffic(text))) use.observe(o)
  return use
}
const one = (line: string): Observation => [...observations(traffic(line))][0] as Observation
const call = one('eve PATCH /me body={"a":1} -> 200')
const { endpoint } = call.match

describe('fields that callers send and get', () => {
  it('are told apart by how many others used them', () => {
    const use = learned('ann,bob,eve PATCH /me body={"name":"x","address":{"city":"y"}} x 3 -> 200 {"id":1}')
    const side = use.request(endpoint)
    expect(side?.messages).toBe(9)
    expect(othersWho(side, call)).toBe(2)
    expect(othersWho(fieldAt(side, 'address.city'), call)).toBe(2)
    expect(fieldAt(side, 'role')).toBeUndefined()
    expect(fieldAt(use.answer(endpoint), 'id')?.seen).toBe(9)
  })

  it('are not learned from what was refused, and known as settled from history', () => {
    const use = learned(`ann PATCH /me body={"role":"admin"} -> 403
learn ann PATCH /me body={"name":"x"} -> 200`)
    expect(fieldAt(use.request(endpoint), 'role')).toBeUndefined()
    expect(fieldAt(use.request(endpoint), 'name')?.settled).toBe(true)
  })

  it('are bounded, and those without room are counted', () => {
    const use = learned('ann PATCH /me body={"f{n}":1} x 60 -> 200', new FieldUse({ fields: 50 }))
    expect(use.request(endpoint)?.fields.size).toBe(50)
    expect(use.request(endpoint)?.skipped).toBe(10)
  })

  it('stay known when their endpoint is folded, and after they were kept', () => {
    const use = learned('ann,bob PATCH /me body={"name":"x"} -> 200')
    const other = one('ann PATCH /self body={"nick":"x"} -> 200')
    use.observe(other)
    use.merged(other.match.endpoint, endpoint)
    expect(use.request(other.match.endpoint)).toBeUndefined()
    expect(fieldAt(use.request(endpoint), 'nick')?.seen).toBe(1)
    const again = new FieldUse()
    again.load(thaw(freeze(use.save())))
    expect(again.request(endpoint)).toEqual(use.request(endpoint))
  })

  it('are visited to six levels and the first elements of lists', () => {
    const paths: string[] = []
    eachField(
      { a: { b: { c: { d: { e: { f: { g: 1 } } } } } }, list: [{ x: 1 }, { y: 1 }, {}, { z: 1 }] },
      path => paths.push(path),
    )
    expect(paths).toContain('a.b.c.d.e.f')
    expect(paths).not.toContain('a.b.c.d.e.f.g')
    expect(paths).toContain('list[].y')
    expect(paths).not.toContain('list[].z')
  })
})
