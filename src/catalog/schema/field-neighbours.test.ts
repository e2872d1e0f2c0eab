import { describe, expect, it } from 'vitest'
import type { Json } from '../../call/content.ts'
import { FieldNode } from './field-node.ts'
import { nodeSchema } from './node-schema.ts'
import { defaultSchemaLimits, SchemaScope } from './schema-limits.ts'

const people = ['Anna Berger', 'Bruno Costa', 'Carla Dubois', 'Dario Fontana', 'Elena Novak', 'Felix Olsen']

/** The class of each field of an object, after `make` was learned from twelve times. */
function labels(make: (index: number) => Json): Readonly<Record<string, string | undefined>> {
  const root = new FieldNode()
  const scope = new SchemaScope()
  for (let index = 0; index < 12; index += 1) {
    scope.body += 1
    root.learn(make(index), '', 0, scope)
  }
  return Object.fromEntries(
    [...(root.properties ?? [])].map(([name, node]) => [name, (node.items ?? node).evidence?.label()]),
  )
}

describe('what neighbours say', () => {
  const rows: readonly [string, (index: number) => Json, Readonly<Record<string, string | undefined>>][] = [
    [
      'a name beside an e-mail address is a person',
      index => ({ name: people[index % 6]!, email: `p${index}@post.example` }),
      { name: 'person-name', email: 'email' },
    ],
    [
      'a name beside a price is a thing',
      index => ({ name: `Golden ${['Lamp', 'Chair', 'Shelf', 'Clock'][index % 4]}`, price: index }),
      { name: undefined, price: undefined },
    ],
    [
      'a latitude needs its longitude',
      index => ({ lat: 48.1372 + index / 97, lng: 11.5755 + index / 89 }),
      { lat: 'geo-location', lng: 'geo-location' },
    ],
    [
      'a latency is none',
      index => ({ lat: 12.1372 + index / 97, hops: index }),
      { lat: undefined, hops: undefined },
    ],
    [
      'neighbours speak for the elements of a list',
      index => ({ contact: [people[index % 6]!], phone: `+49 30 901${1000 + index * 7}` }),
      { contact: 'person-name', phone: 'phone' },
    ],
    [
      'a diagnosis beside a patient',
      index => ({ code: `E1${index % 10}.${index % 9}`, patientId: 10_000 + index * 31 }),
      { code: 'diagnosis-code', patientId: 'medical-record-number' },
    ],
    [
      'the same code beside a colour',
      index => ({ code: `E1${index % 10}.${index % 9}`, colour: 'red' }),
      { code: undefined, colour: undefined },
    ],
  ]
  let ran = 0
  it.each(rows)('%s', (_, make, expected) => {
    expect(labels(make)).toEqual(expected)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(7))

  it('holds for fields that came from another node of the same place', () => {
    const scope = new SchemaScope()
    const [left, right] = [new FieldNode(), new FieldNode()]
    for (let index = 0; index < 12; index += 1) {
      left.learn({ email: `p${index}@post.example` }, '', 0, scope)
      right.learn({ name: people[index % 6]! }, '', 0, scope)
    }
    expect(right.properties?.get('name')?.evidence?.label()).toBeUndefined()
    left.absorb(right, scope)
    expect(left.properties?.get('name')?.evidence?.label()).toBe('person-name')
  })
})

describe('what the learned schema says of classes', () => {
  const schemaOf = (values: readonly Json[]) => {
    const root = new FieldNode()
    const scope = new SchemaScope()
    for (const value of values) root.learn({ contact: value }, '', 0, scope)
    return nodeSchema(root, { limits: defaultSchemaLimits, textual: false, closable: false }).properties
      ?.contact
  }
  const addresses = Array.from({ length: 4 }, (_, index) => `p${index}@post.example`)

  it('names the class, and after a change of content the former one: none lapses without a word', () => {
    expect(schemaOf(addresses)).toMatchObject({ dataClass: 'email' })
    const after = schemaOf([...addresses, ...Array.from({ length: 2_000 }, () => 'by post')])
    expect([after?.dataClass, after?.formerDataClass]).toEqual([undefined, 'email'])
  })

  it('names what published examples are examples of', () => {
    const examples = schemaOf(['a@example.com', 'b@example.org', 'c@example.net'])
    expect([examples?.dataClass, examples?.testData]).toEqual([undefined, 'email'])
  })
})
