import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSpecification } from '../parse.ts'
import { formatSpecProblem } from '../specification.ts'
import { typeText } from './graphql-schema.ts'
import { isSdl, parseSdl, SdlFault } from './sdl.ts'

const shop = `
"""
Orders of a \\""" shop: type Nothing { a: Int }
"""
schema @link(url: "https://a.example") { query: Root, mutation: Change }
directive @key(fields: String! = "id") repeatable on OBJECT | INTERFACE
scalar Money @specifiedBy(url: "https://a.example/money")
type Root {
  "one order" order(id: ID!, withParts: Boolean = false @deprecated): Order
  orders(filter: Filter = {state: [OPEN], limits: {most: -1.5e3}}): [Order!]! # all of them
  node(id: ID!): Node
}
type Change { cancel(id: ID!): Order }
interface Node { id: ID! }
type Order implements Node & Priced @key(fields: "id") { id: ID! total: Money oldTotal: Float @deprecated(reason: "Use total.") }
interface Priced { total: Money }
union Found = | Order | Customer
enum State { OPEN, PAID @deprecated LOST }
input Filter { state: [State!] most: Int = 10 }
type Customer implements Node { id: ID! }
extend type Customer { name: String }
extend enum State { SENT }
`

describe('a schema document', () => {
  const schema = parseSdl(shop)

  it('gives types with their fields, arguments and values', () => {
    expect([...schema.types.keys()].sort()).toEqual([
      'Change',
      'Customer',
      'Filter',
      'Found',
      'Money',
      'Node',
      'Order',
      'Priced',
      'Root',
      'State',
    ])
    expect(schema.roots).toEqual(
      new Map([
        ['query', 'Root'],
        ['mutation', 'Change'],
      ]),
    )
    const root = schema.types.get('Root')!
    expect([...root.fields.values()].map(one => `${one.name}: ${typeText(one.type)}`)).toEqual([
      'order: Order',
      'orders: [Order!]!',
      'node: Node',
    ])
    const order = root.fields.get('order')!
    expect([...order.args.values()].map(one => [one.name, typeText(one.type), one.hasDefault])).toEqual([
      ['id', 'ID!', false],
      ['withParts', 'Boolean', true],
    ])
    expect(order.args.get('withParts')?.deprecated).toBe('No longer supported')
    expect(schema.types.get('Order')?.interfaces).toEqual(['Node', 'Priced'])
    expect(schema.types.get('Order')?.fields.get('oldTotal')?.deprecated).toBe('Use total.')
    expect(schema.types.get('Found')?.members).toEqual(['Order', 'Customer'])
    expect([...schema.types.get('State')!.values]).toEqual([
      ['OPEN', undefined],
      ['PAID', 'No longer supported'],
      ['LOST', undefined],
      ['SENT', undefined],
    ])
    expect([...schema.types.get('Customer')!.fields.keys()]).toEqual(['id', 'name'])
  })

  it('is told from other documents by its first words', () => {
    expect(
      ['type Query { a: Int }', '# c\n"""d"""\nschema { query: Q }', 'extend type A { b: Int }'].map(isSdl),
    ).toEqual([true, true, true])
    expect(
      ['type: object', 'openapi: 3.1.0', '{}', 'schema: 1', 'enum: [a]', 'query { a }', ''].map(isSdl),
    ).toEqual(Array.from({ length: 7 }, () => false))
  })

  const broken: readonly (readonly [string, string])[] = [
    ['type Query { a: }', 'a:1:17: error: Expected a name.'],
    ['type Query { a: Int', 'a:1:20: error: The document ends too early.'],
    ['type Query {\n  a(b Int): Int }', 'a:2:7: error: Expected `:`.'],
    ['type Query { a: Int }\nquery { a }', 'a:2:1: error: Expected a definition'],
    ['type A { a: Int } input A { b: Int }', 'declared as another kind of type'],
    [`type Query { a: ${'['.repeat(40)}Int${']'.repeat(40)} }`, 'more than 32 deep'],
    [`type Query { a(b: [Int] = ${'['.repeat(40)}1${']'.repeat(40)}): Int }`, 'more than 32 deep'],
    ['type Query { a: Int ~ }', 'This character begins nothing here.'],
    ['type Query { a: Int } """never ends', 'A description does not end.'],
  ]
  let ran = 0
  it.each(broken)('%s is refused with its place', (source, expected) => {
    ran += 1
    const { specification, problems } = parseSpecification(source, 'a')
    expect(specification).toBeUndefined()
    expect(formatSpecProblem(problems[0]!)).toContain(expected)
  })
  it('ran every row', () => expect(ran).toBe(broken.length))

  it('says of types that are not declared that they are read as anything', () => {
    const { specification, problems } = parseSpecification('type Query { a: Missing }', 'a')
    expect(specification?.operations.length).toBe(1)
    expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'warning Type `Missing` is not declared: read as "anything".',
    ])
  })

  it('reads a hundred thousand types, and refuses more than its bounds', () => {
    const large = `type Query { a: T0 }\n${Array.from({ length: 100_000 }, (_, index) => `type T${index} { next: T${(index + 1) % 100_000} }`).join('\n')}`
    expect(parseSdl(large).types.size).toBe(100_001)
    const limits = { characters: 1_000, types: 3, parts: 4 }
    expect(() => parseSdl('a'.repeat(1_001), limits)).toThrow(/larger than/)
    expect(() => parseSdl('scalar A scalar B scalar C scalar D', limits)).toThrow('More than 3 types.')
    expect(() => parseSdl('enum A { B C D E F }', limits)).toThrow(/More than 4 fields/)
  })

  it('is read or refused with its place, wherever it is cut or bent', () => {
    const characters = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      '!',
      '"',
      '@',
      ':',
      '=',
      '|',
      'a',
      ' ',
      '\n',
      '\0',
    )
    const bent = fc
      .tuple(fc.nat(shop.length), fc.nat(6), fc.string({ unit: characters, maxLength: 4 }))
      .map(([at, gone, fresh]) => shop.slice(0, at) + fresh + shop.slice(at + gone))
    const cut = fc.nat(shop.length).map(length => shop.slice(0, length))
    let refused = 0
    fc.assert(
      fc.property(fc.oneof(bent, cut, fc.string({ maxLength: 80 })), text => {
        try {
          parseSdl(text)
        } catch (error) {
          refused += 1
          expect(error).toBeInstanceOf(SdlFault)
          expect((error as SdlFault).line).toBeGreaterThan(0)
          expect((error as SdlFault).column).toBeGreaterThan(0)
        }
      }),
      { numRuns: 600 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})
