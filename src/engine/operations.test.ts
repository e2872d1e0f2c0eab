import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { exampleCall } from '../call/protocols/example-call.ts'
import { callId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'

const start = Date.UTC(2026, 2, 2, 9)
let count = 0

const owners = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']
/** Orders 1 to 120 belong to the six in turn. */
const ownerOf = (id: number): string => owners[id % owners.length]!

function post(as: string, body: unknown, answer: unknown, target = '/graphql'): ApiCall {
  count += 1
  const made = exampleCall({
    request: { method: 'POST', target, headers: { 'content-type': 'application/json' }, body },
    response: { status: 200, headers: { 'content-type': 'application/json' }, body: answer },
  })
  return {
    ...made,
    id: callId(`c-${String(count).padStart(5, '0')}`),
    time: start + count * 5_000,
    principal: { id: `user:${as}`, kind: 'user' },
  }
}

const order = (id: number) => ({ id, owner: ownerOf(id), total: 10 + id })

const read = (as: string, id: number): ApiCall =>
  post(
    as,
    { query: 'query One($id: ID!) { order(id: $id) { id owner total } }', variables: { id } },
    { data: { order: order(id) } },
  )

/** Everybody reads their own orders. */
function ordinary(analysis: Analysis): void {
  for (let turn = 0; turn < 8; turn += 1)
    for (let id = 1 + turn * 6; id <= 6 + turn * 6; id += 1) analysis.observe(read(ownerOf(id), id))
}

describe('operations through the whole analysis', () => {
  it('is quiet while everybody reads their own', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    expect(analysis.signals()).toEqual([])
    expect(analysis.catalog.endpoints().map(({ id }) => id)).toEqual([
      'POST api.shop.example/graphql#query:order',
    ])
  })

  it("finds somebody reading others' objects through GraphQL", () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const foreign = [2, 3, 4].map(id => read('alice', id))
    for (const call of foreign) analysis.observe(call)
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      principal: 'user:alice',
      endpoint: 'POST api.shop.example/graphql#query:order',
      attempt: false,
      objects: ['order:2', 'order:3', 'order:4'],
      evidence: foreign.map(({ id }) => id),
    })
  })

  it('finds it behind aliases of the fields and many aliases in one call', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const asked = [13, 14, 15, 16]
    const call = post(
      'alice',
      {
        query: `{ ${asked.map((id, index) => `x${index}: order(id: ${id}) { i: id o: owner }`).join(' ')} }`,
      },
      { data: Object.fromEntries(asked.map((id, index) => [`x${index}`, { i: id, o: ownerOf(id) }])) },
    )
    analysis.observe(call)
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]?.objects).toEqual(['order:13', 'order:14', 'order:15', 'order:16'])
    expect(found[0]?.evidence).toEqual([call.id])
  })

  it('finds a walk through ids that GraphQL answers name no owner of', () => {
    const analysis = new Analysis()
    for (let id = 500; id < 540; id += 1)
      analysis.observe(
        post('mallory', { query: `{ invoice(id: ${id}) { total } }` }, { data: { invoice: { total: id } } }),
      )
    const found = analysis.signals().filter(({ detector }) => detector === 'object-enumeration')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      principal: 'user:mallory',
      endpoint: 'POST api.shop.example/graphql#query:invoice',
    })
    expect(found[0]?.objects[0]).toBe('invoice:500')
  })
})
