import { expect, test } from 'vitest'
import { fieldPlace, shareText } from './data-map.ts'
import { exampleLabels } from './example.ts'
import { labelWhy, tagsFrom } from './labels.ts'
import { carrierOf, carriesOperations, operationName } from './protocols.ts'
import { presence, schemaBasis, schemaNotes, typeText } from './schema-notes.ts'
import { base64Of, sourceOf } from './spec-file.ts'
import { coveragePath, nameOfFile, speaksFor } from './specs.ts'

test('a field says how much of the traffic carries it', () => {
  const endpoint = { calls: 1000, responseSchemas: { 200: { type: 'object', seen: 400 } } }
  const field = {
    side: 'response',
    field: 'card',
    dataClass: 'payment-card',
    group: 'pci',
    values: 100,
  } as const
  const told = [
    [field, 'in 25 % of answers'],
    [{ ...field, values: 400 }, 'in every answer'],
    [{ ...field, values: 1200 }, '3 per answer'],
    [{ ...field, side: 'request', field: 'query:q', values: 10 }, 'in 1 % of requests'],
    [{ ...field, side: 'request' }, ''],
  ] as const
  let rows = 0
  for (const [one, text] of told) {
    expect(shareText(endpoint, one)).toBe(text)
    rows += 1
  }
  expect(rows).toBe(5)
  expect(fieldPlace('header:x-key')).toEqual({ place: 'header', name: 'x-key' })
  expect(fieldPlace('items[].a:b')).toEqual({ name: 'items[].a:b' })
})

test('a schema node says what it is and what else is known', () => {
  expect(typeText({ type: ['string', 'null'], format: 'uuid', seen: 1 })).toBe('string or null (uuid)')
  expect(typeText({ type: '', seen: 0 })).toBe('not looked into')
  expect(
    schemaNotes({ type: 'string', minLength: 3, maxLength: 3, testData: 'payment-card', seen: 9 }),
  ).toEqual(['3 characters', 'only published test values of payment card'])
  expect(schemaNotes({ type: 'string', formerDataClass: 'email', seen: 1 })).toEqual([
    'taken for email until its values spoke against it',
  ])
  expect(presence({ type: 'string', seen: 34 }, 100, false)).toBe('in 34 %')
  expect(presence({ type: 'string', seen: 100 }, 100, true)).toBe('always')
  expect(schemaBasis({ type: 'object', seen: 1, confidence: 0.5, skipped: 2 })).toBe(
    'Learned from 1 body, 50 % sure that the next one has no field that is not here; 2 more fields met beyond the bound.',
  )
})

test('operations know what carries them', () => {
  expect(carrierOf('POST a.example/graphql#query:me')).toBe('POST a.example/graphql')
  expect(carrierOf('GET a.example/orders')).toBeUndefined()
  expect(operationName('/graphql#query:me')).toBe('query:me')
  expect(carriesOperations({ protocol: 'mcp', template: '/mcp' })).toBe(true)
  expect(carriesOperations({ protocol: 'mcp', template: '/mcp#tools/call:x' })).toBe(false)
  expect(carriesOperations({ protocol: 'rest', template: '/orders' })).toBe(false)
})

test('labels say who says so', () => {
  expect(labelWhy({ value: 'x', from: 'inferred', why: 'its path says "pay"' })).toBe(
    'inferred: its path says "pay"',
  )
  expect(labelWhy({ value: 'x', from: 'rule', why: 'rule a in b.yaml' })).toBe('rule a in b.yaml')
  expect(tagsFrom(' a, b,,a ')).toEqual(['a', 'b'])
})

test('examples are named by their status', () => {
  const example = {
    call: 'c',
    time: '',
    method: 'GET',
    path: '/',
    query: [],
    headers: [],
    responseHeaders: [],
    masked: 0,
  }
  expect(exampleLabels([{ ...example, status: 200 }, { ...example, status: 200 }, example])).toEqual([
    '200',
    '200 (2)',
    'no answer',
  ])
})

test('a file becomes a specification, whatever it holds', () => {
  expect(sourceOf(new TextEncoder().encode('openapi: 3.1.0\n# ü\n'))).toBe('openapi: 3.1.0\n# ü\n')
  const binary = new Uint8Array(20_000).map((_, index) => index % 256)
  expect(sourceOf(binary)).toMatch(/^data:application\/x-protobuf;base64,/)
  const back = Uint8Array.from(atob(base64Of(binary)), letter => letter.charCodeAt(0))
  expect(back).toEqual(binary)
  expect(nameOfFile('shop api.v2.yaml')).toBe('shop-api.v2')
  expect(nameOfFile('.json')).toBe('specification')
  expect(speaksFor({ servers: ['api.example/v1', '/v2'] }, 'other.example')).toBe(false)
  expect(speaksFor({ servers: ['/v2'] }, 'other.example')).toBe(true)
  expect(coveragePath({ servers: ['a.example/v1', 'a.example/v2'] }, 'orphan')).toBe(
    '/apis?inventory=orphan&host=a.example',
  )
})
