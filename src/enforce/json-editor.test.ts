import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldSteps, parsePointer } from '../policy/json-pointer.ts'
import { editJson, type JsonEdit } from './json-editor.ts'

const edits = (does: JsonEdit['does'], ...pointers: string[]): JsonEdit[] =>
  pointers.map(pointer => ({ steps: parsePointer(pointer)!, does }))

describe('editJson', () => {
  const rows: readonly (readonly [
    text: string,
    edits: readonly JsonEdit[],
    wanted: string | undefined,
    changed: number,
  ])[] = [
    ['{"card":"4111","n":1}', edits('mask', '/card'), '{"card":"***","n":1}', 1],
    ['{"a":{"b":12.50,"c":true,"d":null}}', edits('mask', '/a'), '{"a":{"b":0,"c":false,"d":null}}', 2],
    [
      '[{"id":12345678901234567890,"x":"y"}]',
      edits('mask', '/*/x'),
      '[{"id":12345678901234567890,"x":"***"}]',
      1,
    ],
    ['{"a":"1","a":"2"}', edits('mask', '/a'), '{"a":"***","a":"***"}', 2],
    ['{"a\\u0062":"1"}', edits('mask', '/ab'), '{"a\\u0062":"***"}', 1],
    ['{"a/b":{"~":"1"}}', edits('mask', '/a~1b/~0'), '{"a/b":{"~":"***"}}', 1],
    ['{"q":"a\\"],}","b":1}', edits('remove', '/b'), '{"q":"a\\"],}"}', 1],
    ['{"a":1, "b":2 ,"c":3}', edits('remove', '/a', '/c'), '{"b":2}', 2],
    ['{"a":1}', edits('remove', '/a'), '{}', 1],
    ['[1,2,3]', edits('remove', '/1'), '[1,3]', 1],
    ['[[1,2],[3]]', edits('remove', '/*/0'), '[[2],[]]', 2],
    ['{"a":{"b":1},"c":2}', [...edits('mask', '/a/b'), ...edits('remove', '/a')], '{"c":2}', 1],
    ['"text"', edits('mask', '/a'), '"text"', 0],
    ['{"a":1}', edits('mask', '/b/c'), '{"a":1}', 0],
    [' {"a" : [ ] }', edits('mask', '/b'), '{"a":[ ]}', 0],
    ['{"a":1', edits('mask', '/a'), undefined, 0],
    ['', edits('mask', '/a'), undefined, 0],
    [
      `${'['.repeat(300)}${']'.repeat(300)}`,
      edits('mask', `/${Array(32).fill('*').join('/')}`),
      undefined,
      0,
    ],
  ]
  test(`${rows.length} edits`, () => {
    let ran = 0
    for (const [text, given, wanted, changed] of rows) {
      const edited = editJson(text, given)
      if (wanted !== undefined && text.startsWith(' '))
        expect(JSON.parse(edited!.text)).toEqual(JSON.parse(wanted))
      else expect([text, edited?.text]).toEqual([text, wanted])
      expect([text, edited?.changed ?? 0]).toEqual([text, changed])
      ran += 1
    }
    expect(ran).toBe(18)
  })

  test('masks keep types and everything else', () => {
    const same = (a: unknown, b: unknown): boolean => {
      if (Array.isArray(a))
        return Array.isArray(b) && a.length === b.length && a.every((one, at) => same(one, b[at]))
      if (a !== null && typeof a === 'object')
        return (
          b !== null &&
          typeof b === 'object' &&
          JSON.stringify(Object.keys(a)) === JSON.stringify(Object.keys(b)) &&
          Object.entries(a).every(([key, one]) => same(one, (b as Record<string, unknown>)[key]))
        )
      return typeof a === typeof b
    }
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, 2), (value, indent) => {
        const text = JSON.stringify({ secret: value, open: value }, null, indent)
        const edited = editJson(text, edits('mask', '/secret'))!
        const { secret, open } = JSON.parse(edited.text) as Record<string, unknown>
        expect(open).toEqual(JSON.parse(JSON.stringify(value)))
        expect(same(JSON.parse(JSON.stringify(value)), secret)).toBe(true)
      }),
    )
  })

  test('fields as the catalog writes them are found', () => {
    let ran = 0
    for (const [field, text] of [
      ['items[].card', '{"items":[{"card":"1"},{"card":"2"}]}'],
      ['[].id', '[{"id":"1"},{"id":"2"}]'],
      ['a[][]', '{"a":[["1","2"]]}'],
      ['prices.*', '{"prices":{"x":"1","y":"2"}}'],
    ] as const) {
      expect([field, editJson(text, [{ steps: fieldSteps(field), does: 'mask' }])?.changed]).toEqual([
        field,
        2,
      ])
      ran += 1
    }
    expect(ran).toBe(4)
  })
})
