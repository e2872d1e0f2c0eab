import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../call/content.ts'
import { parseJson } from '../call/decode/json.ts'
import { maxElements, valuesAt } from './fields.ts'
import { JsonFields } from './json-fields.ts'

const paths = [
  'id',
  'owner.id',
  'items[].owner',
  'items[][].id',
  '[].id',
  'a',
  '__proto__',
  'owner',
  '[]',
] as const
const fields = new JsonFields(paths, maxElements)
const read = (text: string) => fields.read(Buffer.from(text))

const { json } = fc.letrec<{ json: unknown }>(tie => ({
  json: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 1, -0, 1.5e300, 12, 'zoe', 'ä€😀"\\\n', '', '1'),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom('id', 'owner', 'items', 'a', '__proto__', 'ä', 'b"c'), tie('json')), {
        maxLength: 4,
      })
      .map(pairs => Object.fromEntries(pairs)),
  ),
}))

test('has what decoding has, of whatever is JSON', () => {
  let vouched = 0
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      const values = read(text)
      if (values === undefined) return
      vouched += 1
      for (const path of paths)
        expect([text, path, values(path)]).toEqual([text, path, valuesAt(parseJson(text) as Json, path)])
    }),
    { numRuns: 1_000 },
  )
  expect(vouched).toBeGreaterThan(300)
})

test('vouches for nothing that decoding refuses', () => {
  const base =
    '{"id":"a1","items":[{"owner":"zoe","n":-1.5e3,"t":true,"u":"\\u00e4\\n"},{"owner":12}],"owner":{"id":7}}'
  let refused = 0
  fc.assert(
    fc.property(
      fc.nat(base.length),
      fc.nat(4),
      fc.constantFrom(
        '',
        '"',
        '\\',
        ',',
        '{',
        ']',
        '0',
        '.',
        'e',
        '-',
        '\n',
        ' ',
        '\u0001',
        'ä',
        '"id":1,',
        '\\u00',
      ),
      (at, length, put) => {
        const text = base.slice(0, at) + put + base.slice(at + length)
        const value = parseJson(text)
        const values = read(text)
        if (value === undefined) {
          refused += 1
          expect([text, values]).toEqual([text, undefined])
        } else if (values !== undefined)
          for (const path of paths) expect([text, values(path)]).toEqual([text, valuesAt(value, path)])
      },
    ),
    { numRuns: 1_500 },
  )
  expect(refused).toBeGreaterThan(500)
})

test('leaves to decoding what it does not tell', () => {
  const rows: readonly (readonly [text: string, id: readonly string[] | undefined])[] = [
    ['{"id":"a"}', ['a']],
    [' {"id":"a"}', undefined],
    ['\ufeff{"id":"a"}', undefined],
    [`)]}'{"id":"a"}`, undefined],
    ['{"id":"a","id":"b"}', undefined],
    ['{"i\\u0064":"a"}', undefined],
    ['{"id":90071992547409931}', ['90071992547409931']],
    ['{"id":-90071992547409931}', ['-90071992547409931']],
    ['{"id":1.0}', ['1']],
    ['{"id":01}', undefined],
    ['{"id":1} x', undefined],
    ['{"id":1}\n', ['1']],
    [`${'['.repeat(70)}${']'.repeat(70)}`, undefined],
    [`${'['.repeat(60)}${']'.repeat(60)}`, []],
    ['"id"', undefined],
    ['', undefined],
  ]
  expect(rows.map(([text]) => [text, read(text)?.('id')])).toEqual(rows)
  const many = JSON.stringify(Array.from({ length: maxElements + 5 }, (_, index) => ({ id: index })))
  expect(read(many)?.('[].id')).toHaveLength(maxElements)
  for (const path of ['', 'a..b', 'ä'])
    expect(new JsonFields([path], maxElements).read(Buffer.from('{}'))).toBeUndefined()
})
