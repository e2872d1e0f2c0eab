import { describe, expect, it } from 'vitest'
import type { Json } from '../../call/content.ts'
import { FieldNode } from './field-node.ts'
import { nodeSchema } from './node-schema.ts'
import { defaultSchemaLimits, SchemaScope } from './schema-limits.ts'

function learn(bodies: readonly Json[]) {
  const scope = new SchemaScope()
  const node = new FieldNode()
  for (const body of bodies) {
    scope.body += 1
    node.learn(body, '', 0, scope)
  }
  return { scope, node, schema: schemaOf(node) }
}
const schemaOf = (node: FieldNode) =>
  nodeSchema(node, { limits: defaultSchemaLimits, textual: false, closable: false })
const comment = (id: number, replies: readonly Json[]): Json => ({ id, text: `t${id}`, replies })

describe('recursion', () => {
  it('learns the objects of a tree at one place, however deep it is', () => {
    const thread = comment(1, [comment(2, [comment(3, [comment(4, [])])]), comment(5, [])])
    const { scope, node, schema } = learn([thread, thread])
    expect(schema.properties?.replies).toEqual({
      type: 'array',
      items: { type: 'object', recursesTo: 2, seen: 8 },
      seen: 10,
    })
    expect(schema.properties?.id?.seen).toBe(10)
    expect(node.size()).toBe(5)
    expect(scope.fields).toBe(node.size() - 1)
  })

  const rows: readonly [
    string,
    Json,
    (schema: ReturnType<typeof schemaOf>) => unknown,
    number | undefined,
  ][] = [
    [
      'an object within one of its kind',
      { id: 1, name: 'a', parent: { id: 2, name: 'b', parent: null } },
      schema => schema.properties?.parent?.recursesTo,
      1,
    ],
    [
      'a tree under a wrapper, which is not part of it',
      { total: 1, items: [{ name: 'a', children: [{ name: 'b', children: [] }] }] },
      schema => schema.properties?.items?.items?.properties?.children?.items?.recursesTo,
      2,
    ],
    [
      'two kinds in turn',
      { name: 'a', team: { title: 'x', lead: { name: 'b', team: null } } },
      schema => schema.properties?.team?.properties?.lead?.recursesTo,
      2,
    ],
    [
      'another kind that has names in common, but not the field that led to it: none',
      { id: 1, name: 'a', owner: { id: 2, name: 'b' } },
      schema => schema.properties?.owner?.recursesTo,
      undefined,
    ],
    [
      'lists of different things that are wrapped alike: none',
      { total: 1, items: [{ id: 1, parts: { total: 2, items: [{ sku: 'a', price: 1 }] } }] },
      schema => schema.properties?.items?.items?.properties?.parts?.recursesTo,
      undefined,
    ],
    [
      'the same names with values of other kinds: none',
      { id: 1, value: { id: 'x', value: 'y' } },
      schema => schema.properties?.value?.recursesTo,
      undefined,
    ],
  ]
  it.each(rows)('%s', (_, body, of, expected) => {
    expect(of(learn([body, body]).schema)).toBe(expected)
  })
  it('has every row', () => expect(rows.length).toBe(6))

  it('folds what was learned before the recursion showed', () => {
    const leaf = { id: 1, text: 'a', replies: [{ id: 2, text: 'b' }] }
    const deep = comment(1, [comment(2, [])])
    const { scope, node, schema } = learn([leaf, deep, deep, deep])
    expect(schema.properties?.replies?.items).toMatchObject({ recursesTo: 2, seen: 4 })
    expect(schema.properties?.id?.seen).toBe(8)
    expect(scope.fields).toBe(node.size() - 1)
  })

  it('joins a place that recurses with one that does not yet, either way round', () => {
    const flat = () => learn([{ id: 1, text: 'a', replies: [{ id: 2, text: 'b' }] }])
    const deep = () => learn([comment(1, [comment(2, [])])])
    for (const [one, other] of [
      [deep(), flat()],
      [flat(), deep()],
    ] as const) {
      one.node.absorb(other.node, one.scope)
      expect(one.scope.fields).toBe(one.node.size() - 1)
      expect(one.node.properties?.get('replies')?.items?.seen).toBe(2)
    }
    const left = deep()
    left.node.absorb(flat().node, left.scope)
    expect(schemaOf(left.node).properties?.id?.seen).toBe(4)
  })

  it('holds under trees made to grow: each kind once, whatever the depth and width', () => {
    const make = (depth: number, id: number): Json =>
      comment(id, depth === 0 ? [] : [make(depth - 1, id * 3), make(depth - 1, id * 3 + 1)])
    const { node, scope } = learn([make(9, 1), make(9, 2)])
    expect(node.size()).toBe(5)
    expect(scope.skippedDepth).toBeGreaterThan(0)
  })
})
