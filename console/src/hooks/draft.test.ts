import { expect, test } from 'vitest'
import { readDraft } from './draft.ts'

test('a draft is read as it was kept, and what is none is left out', () => {
  const draft = { source: 'b', base: { version: 2, source: 'a' } }
  expect(readDraft(JSON.stringify(draft))).toEqual(draft)
  expect(readDraft('{"source":"b","base":{"source":""}}')).toEqual({
    source: 'b',
    base: { version: undefined, source: '' },
  })
  for (const text of [
    null,
    undefined,
    '',
    '{',
    'null',
    '"b"',
    '{"source":1}',
    '{"source":"b"}',
    '{"source":"b","base":null}',
    '{"source":"b","base":{"source":"a","version":"2"}}',
  ])
    expect(readDraft(text), String(text)).toBeUndefined()
})
