import { describe, expect, it } from 'vitest'
import { callId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { Stretches, toTell } from './stretches.ts'

describe('stretches', () => {
  it('end after a silence and after their length', () => {
    const stretches = new Stretches({ gapMs: 10, lengthMs: 30 })
    for (const time of [0, 8, 16, 24]) stretches.step('a', time, callId(`c-${time}`))
    expect(stretches.peek('a')?.count).toBe(4)
    expect(stretches.step('a', 32, callId('c-32')).count).toBe(1)
    expect(stretches.step('a', 50, callId('c-50')).count).toBe(1)
  })

  it('count different things up to the bound, and keep the latest calls', () => {
    const stretches = new Stretches({ things: 3, calls: 2 })
    for (const thing of ['a', 'b', 'a', 'c', 'd']) stretches.step('k', 0, callId(`c-${thing}`), thing)
    const stretch = stretches.peek('k')
    expect(stretch?.things.length).toBe(3)
    expect(stretch?.count).toBe(5)
    expect(stretch?.calls).toEqual(['c-c', 'c-d'])
  })

  it('tell all calls the first time, then only the newest', () => {
    const stretches = new Stretches()
    stretches.step('k', 0, callId('c-1'))
    expect(toTell(stretches.step('k', 1, callId('c-2')))).toEqual(['c-1', 'c-2'])
    expect(toTell(stretches.step('k', 2, callId('c-3')))).toEqual(['c-3'])
  })

  it('forget the longest unused beyond their bound, and are kept', () => {
    const stretches = new Stretches({ most: 2 })
    for (const key of ['a', 'b', 'c']) stretches.step(key, 0, callId(key))
    expect(stretches.size).toBe(2)
    expect(stretches.peek('a')).toBeUndefined()
    const again = thaw(freeze(stretches)) as Stretches
    expect(again.peek('c')).toEqual(stretches.peek('c'))
  })
})
