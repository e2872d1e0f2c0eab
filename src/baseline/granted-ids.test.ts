import { describe, expect, it } from 'vitest'
import { observations, traffic } from '../detect/traffic.ts'
import { Baseline } from './baseline.ts'
import { GrantedIds } from './granted-ids.ts'
import type { Observation } from './observation.ts'

function played(text: string): { readonly grants: GrantedIds; readonly last: Observation } {
  const baseline = new Baseline()
  const grants = new GrantedIds(baseline)
  let last: Observation | undefined
  for (const o of observations(traffic(text))) {
    baseline.enter(o)
    grants.observe(o)
    baseline.observe(o)
    last = o
  }
  return { grants, last: last as Observation }
}

const came: readonly (readonly [how: string, text: string, id: string])[] = [
  ['in a list', 'ann GET /orders -> 200 {"items":[{"id":"o-7"}]}', 'o-7'],
  ['as a number', 'ann GET /orders -> 200 {"items":[{"orderId":4711}]}', '4711'],
  ['as a link', 'ann GET /orders -> 200 {"links":[{"href":"/v1/orders/o-9?x=1"}]}', 'o-9'],
  ['as a title', 'ann GET /books -> 200 [{"book_title":"The Silver Tide"}]', 'The Silver Tide'],
  ['where it was created', 'ann POST /orders gets.location=/orders/o-11 -> 201', 'o-11'],
  ['as what it named itself', 'ann PUT /files/{f-1} body={"fileId":"f-1"} -> 201', 'f-1'],
  ['in its token', 'ann tenant=acme GET /me -> 200', 'acme'],
]
const long = (record: (index: number) => string): string =>
  `[${Array.from({ length: 120 }, (_, index) => record(index)).join()}]`
const far: readonly (readonly [how: string, text: string, id: string])[] = [
  ['in a list of records', `ann GET /orders -> 200 ${long(at => `{"id":"o-${at}","note":"x"}`)}`, 'o-119'],
  [
    'in a list within',
    `ann GET /orders -> 200 {"data":{"items":${long(at => `{"no":1,"id":"o-${at}"}`)}}}`,
    'o-99',
  ],
  ['in a bundle', `ann GET /Order -> 200 {"entry":${long(at => `{"resource":{"id":"o-${at}"}}`)}}`, 'o-77'],
  ['in a list of names', `ann GET /files -> 200 ${long(at => `"f-${at}"`)}`, 'f-21'],
]
const not: readonly (readonly [how: string, text: string, id: string])[] = [
  ['to somebody else', 'bob GET /orders -> 200 {"items":[{"id":"o-7"}]}\nann GET /me -> 200', 'o-7'],
  ['in a refused answer', 'ann GET /orders/{o-7} -> 403 {"id":"o-7"}', 'o-7'],
  ['as a price', 'ann GET /orders -> 200 {"items":[{"price":4711}]}', '4711'],
  [
    'three weeks ago',
    'ann GET /orders -> 200 {"items":[{"id":"o-7"}]}\nwait 21d\nann GET /me -> 200 {"id":"a"}',
    'o-7',
  ],
]

describe('ids that came to a principal', () => {
  it.each(came)('%s', (_how, text, id) => {
    const { grants, last } = played(text)
    expect(grants.has(last, id)).toBe(true)
  })

  it.each(far)('far down, %s', (_how, text, id) => {
    const { grants, last } = played(text)
    expect(grants.has(last, id)).toBe(true)
    expect(grants.has(last, 'o-120')).toBe(false)
  })

  it.each(not)('not %s', (_how, text, id) => {
    const { grants, last } = played(text)
    expect(grants.has(last, id)).toBe(false)
  })

  it('ran every row', () => {
    expect(came.length + far.length + not.length).toBe(15)
  })
})
