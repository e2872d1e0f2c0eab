import { describe, expect, it } from 'vitest'
import { documents } from './documents.ts'
import { Execution, type GraphNode, parseDocument } from './graphql.ts'

/** A node that leads back to itself: `name` says how deep it is. */
const chain = (depth: number): GraphNode => ({
  typename: 'Link',
  field: (name, args) =>
    name === 'next'
      ? chain(depth + 1)
      : name === 'many'
        ? Array.from({ length: Number(args.first) }, () => chain(depth + 1))
        : name === 'depth'
          ? depth
          : undefined,
})

const run = (text: string, most = 100) => {
  const execution = new Execution(most)
  const data = execution.run(chain(0), parseDocument(text, { count: 2 }).fields)
  return { data, errors: execution.errors.length, work: execution.work }
}

describe('documents', () => {
  it.each([
    ['{ depth }', { depth: 0 }],
    [
      'query Q { a: next { depth } b: next { next { depth } } }',
      { a: { depth: 1 }, b: { next: { depth: 2 } } },
    ],
    [
      'query Q($count: Int) { many(first: $count) { __typename } }',
      { many: [{ __typename: 'Link' }, { __typename: 'Link' }] },
    ],
    [
      '{ next { ...F } } fragment F on Link { depth next { ... on Link { depth } } }',
      { next: { depth: 1, next: { depth: 2 } } },
    ],
  ])('answers %s', (text, data) => {
    expect(run(text)).toMatchObject({ data, errors: 0 })
  })

  it('counts levels and names of the caller', () => {
    const { depth, aliases } = parseDocument('mutation { a: next { b: next { depth } } next { depth } }', {})
    expect([depth, aliases]).toEqual([3, 2])
  })

  it('says of an unknown field that it is none, and goes no further than it may', () => {
    expect(run('{ nothing depth }')).toMatchObject({ data: { nothing: null, depth: 0 }, errors: 1 })
    expect(run('{ many(first: 50) { many(first: 50) { depth } } }', 60).work).toBe(61)
  })

  it.each(['', '{', '{ a', 'query Q', '{ a(b: ) }', '{ a ^ }'])('refuses %j', text => {
    expect(() => parseDocument(text, {})).toThrow(SyntaxError)
  })

  it('reads everything that the clients of the tracker send', () => {
    const depths = Object.values(documents).map(text => parseDocument(text, {}).depth)
    expect(depths).toHaveLength(10)
    expect(Math.max(...depths)).toBeLessThanOrEqual(12)
  })
})
