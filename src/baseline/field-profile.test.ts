import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absorbProfile, type FieldProfile, judgeValue, learnValue, newProfile } from './field-profile.ts'

function learnedFrom(values: readonly string[], history = true): FieldProfile {
  const profile = newProfile()
  for (const [index, value] of values.entries())
    learnValue(profile, value, index + 1, index * 86_400_000, history)
  return profile
}

describe('FieldProfile', () => {
  it('finds nothing unusual in what it learned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1, maxLength: 60 }),
        values => {
          const profile = learnedFrom(values)
          for (const value of values) expect(judgeValue(profile, value)?.degree ?? 0).toBeLessThan(0.3)
        },
      ),
    )
  })

  it('tells kinds apart', () => {
    const rows: readonly (readonly [readonly string[], string, string | undefined])[] = [
      [['1', '22', '-333'], 'x', 'integer'],
      [['1.5', '2.5', '3.25'], '7', undefined],
      [['1.5', '2.5', '3.25'], 'x', 'decimal'],
      [['true', 'false', 'true'], '1', 'boolean'],
      [['2026-01-02', '2026-01-03T10:00:00Z', '2026-02-01'], 'tomorrow', 'date'],
      [['a@example.com', 'b.c@example.org', 'd@x.example'], "' or 1=1", 'email'],
      [['one', 'two', 'three'], '<x>', 'word'],
      [['a b', 'c d', 'e f'], '(x)', undefined],
    ]
    expect(rows).toHaveLength(8)
    for (const [values, value, kind] of rows) {
      const profile = learnedFrom(Array.from({ length: 40 }, (_, index) => values[index % values.length]!))
      expect(judgeValue(profile, value)?.kind, value).toBe(kind)
    }
  })

  it('holds as much after a million signs as after one', () => {
    const profile = newProfile()
    const size = (): number => JSON.stringify(profile).length
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.nat(), (value, by) => {
        learnValue(profile, value, by + 1, by * 3_600_000, false)
        expect(size()).toBeLessThan(1_400)
      }),
      { numRuns: 200 },
    )
  })

  it('is the same whether two were learned apart and joined, or as one', () => {
    const values = ['a1', "b'2", 'c;3', 'dddd', 'e e', '77', '<f>', '8.5'].flatMap(each => [each, `${each}x`])
    const whole = learnedFrom(values)
    const one = learnedFrom(values.slice(0, 7))
    const two = newProfile()
    for (const [index, value] of values.entries())
      if (index >= 7) learnValue(two, value, index + 1, index * 86_400_000, true)
    absorbProfile(one, two)
    expect(one.count).toBe(whole.count)
    expect(one.kinds).toEqual(whole.kinds)
    expect(one.mean).toBeCloseTo(whole.mean, 10)
    expect(one.squares).toBeCloseTo(whole.squares, 8)
    expect(one.signs.map(sign => sign !== 0)).toEqual(whole.signs.map(sign => sign !== 0))
  })

  it('hears one principal twenty times, and takes what is new from three', () => {
    const profile = newProfile()
    for (let index = 0; index < 40; index += 1) learnValue(profile, '1', index % 8, 0, false)
    for (let index = 0; index < 5_000; index += 1) learnValue(profile, 'x;y', 1, 0, false)
    expect(profile.count).toBe(55)
    expect(judgeValue(profile, 'x;y')).toMatchObject({ signs: ';', kind: 'integer' })
    learnValue(profile, 'x;y', 2, 0, false)
    expect(judgeValue(profile, 'x;y')).toMatchObject({ signs: ';' })
    learnValue(profile, 'x;y', 3, 0, false)
    expect(judgeValue(profile, 'x;y')).toBeUndefined()
  })
})
