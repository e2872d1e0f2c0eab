import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cpuMs } from '../../test/support/cpu-time.ts'
import { queryPairs } from './form-pairs.ts'

const query = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a',
        'b c',
        '=',
        '&',
        '&&',
        '+',
        '%20',
        '%',
        '%4',
        '%zz',
        '%FF',
        '%C3%A9',
        '%E2%82',
        '?',
        '#',
        'é',
        '%00',
        '%26',
        '%3D',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map(pieces => pieces.join(''))

it('reads the pairs of a query as URLSearchParams does', () => {
  let pairs = 0
  fc.assert(
    fc.property(query, text => {
      const read = queryPairs(text)
      expect(read).toEqual([...new URLSearchParams(text)])
      pairs += read.length
    }),
    { numRuns: 5_000 },
  )
  expect(pairs).toBeGreaterThan(3_000)
})

it('takes time in proportion to the length of the query', () => {
  const took = (count: number): number => {
    const text = `${'a&'.repeat(count)}=`
    let best = Number.POSITIVE_INFINITY
    for (let turn = 0; turn < 5; turn += 1)
      best = Math.min(
        best,
        cpuMs(() => expect(queryPairs(text)).toHaveLength(count + 1)),
      )
    return best
  }
  took(4_000)
  expect(took(64_000)).toBeLessThan(Math.max(64 * took(4_000), 50))
})
