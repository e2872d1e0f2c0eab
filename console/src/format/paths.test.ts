import fc from 'fast-check'
import { expect, test } from 'vitest'
import { curlOf, prettyBody } from './curl.ts'
import { endpointParts, endpointShort, principalKind, principalName } from './names.ts'
import { groupObjects } from './objects.ts'
import { endpointPath, principalPath, safeNext } from './paths.ts'
import { steady } from './steady.ts'

test('an id in a path is one segment, looks like no file, and comes back', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), id => {
      for (const path of [endpointPath(id), principalPath(id)]) {
        expect(path).toMatch(/^\/(apis|principals)\/[^/]+\/$/)
        expect(path).not.toMatch(/\.[a-z0-9]{1,8}$/i)
        expect(decodeURIComponent(path.split('/')[2] ?? '')).toBe(id)
      }
    }),
  )
})

test.each([
  [null, '/'],
  ['/incidents/1', '/incidents/1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/sign-in?next=/', '/'],
])('after signing in, %s leads to %s', (next, path) => {
  expect(safeNext(next)).toBe(path)
})

test('names are taken apart', () => {
  expect([
    principalName('user:anna'),
    principalKind('user:anna'),
    principalName('anna'),
    principalName('user:'),
    principalName('anonymous:96fcdd005b0174a7'),
  ]).toEqual(['anna', 'user', 'anna', 'user:', 'unknown client 96fcdd'])
  expect(endpointParts('GET api.shop.example/orders/{id}')).toEqual({
    method: 'GET',
    host: 'api.shop.example',
    template: '/orders/{id}',
  })
  expect(endpointShort('weird')).toBe('weird')
})

test('objects are grouped by type, most first', () => {
  expect(groupObjects(['order:1', 'invoice:1', 'order:2', 'loose'])).toEqual([
    { type: 'order', ids: ['1', '2'] },
    { type: 'invoice', ids: ['1'] },
    { type: 'object', ids: ['loose'] },
  ])
})

test('a list that is read keeps its order; new rows wait and gone rows leave', () => {
  const items = ['c', 'b', 'x', 'a'].map(id => ({ id }))
  expect(steady(items, ['a', 'b', 'gone'])).toEqual({ shown: [{ id: 'a' }, { id: 'b' }], waiting: 2 })
  expect(steady(items, [])).toEqual({ shown: items, waiting: 0 })
})

test('a copied command carries no way out of its quotes', () => {
  const call = {
    id: 'c',
    time: '',
    method: 'POST',
    host: 'api.shop.example',
    target: "/a'$(reboot)`x`",
    endpoint: '',
    principal: '',
    requestBytes: 0,
    responseBytes: 0,
    detectors: [],
    request: {
      headers: [
        ['Host', 'x'],
        ['X-A', "it's"],
      ] as const,
      body: '{"a":1}',
      bodyTruncated: false,
    },
  }
  expect(curlOf(call)).toBe(
    [
      `curl -X 'POST' 'https://api.shop.example/a'\\''$(reboot)\`x\`'`,
      `-H 'X-A: it'\\''s'`,
      `--data-raw '{"a":1}'`,
    ].join(' \\\n  '),
  )
  expect(prettyBody('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(prettyBody('<b>')).toBe('<b>')
})

test('leads from the actor of a signal to the page that knows it', () => {
  expect(['user:anna', 'workload:shop/orders', 'identity:role:x'].map(principalPath)).toEqual([
    '/principals/user%3Aanna/',
    '/workloads/shop%2Forders/',
    '/graph?focus=identity%3Arole%3Ax',
  ])
})
