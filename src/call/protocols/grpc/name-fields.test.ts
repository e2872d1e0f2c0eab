import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../content.ts'
import { parseProtobuf } from '../../decode/protobuf.ts'
import { exampleCall } from '../example-call.ts'
import { readParts } from '../index.ts'
import { DescriptorRegistry } from './descriptor-registry.ts'
import type { DescriptorSet, FieldDescriptor, MessageDescriptor } from './descriptor-set.ts'
import { nameFields } from './name-fields.ts'

const field = (
  number: number,
  name: string,
  type: string,
  { kind = 'scalar', repeated = false }: Partial<Pick<FieldDescriptor, 'kind' | 'repeated'>> = {},
): FieldDescriptor => ({ number, name, type, kind, repeated, deprecated: false })
const message = (name: string, fields: readonly FieldDescriptor[], mapEntry = false): MessageDescriptor => ({
  name,
  fields,
  mapEntry,
})

const method = (name: string, input: string, output: string) => ({
  name,
  input,
  output,
  clientStreaming: false,
  serverStreaming: false,
  deprecated: false,
})

const set: DescriptorSet = {
  services: [
    { name: 'shop.Orders', deprecated: false, methods: [method('GetOrder', 'shop.Ask', 'shop.Order')] },
  ],
  messages: new Map(
    [
      message('shop.Ask', [field(1, 'customer', 'string'), field(2, 'order_id', 'int64')]),
      message('shop.Order', [
        field(1, 'id', 'int64'),
        field(2, 'paid', 'bool'),
        field(3, 'card', 'shop.Card', { kind: 'message' }),
        field(4, 'state', 'shop.State', { kind: 'enum' }),
        field(5, 'delta', 'sint32'),
        field(6, 'sizes', 'int32', { repeated: true }),
        field(7, 'labels', 'shop.Order.LabelsEntry', { kind: 'message', repeated: true }),
        field(8, 'parts', 'shop.Order', { kind: 'message', repeated: true }),
        field(9, 'prices', 'double', { repeated: true }),
      ]),
      message('shop.Card', [field(1, 'number', 'string'), field(2, 'holder', 'string')]),
      message('shop.Order.LabelsEntry', [field(1, 'key', 'string'), field(2, 'value', 'string')], true),
    ].map(one => [one.name, one]),
  ),
  enums: new Map([
    [
      'shop.State',
      {
        name: 'shop.State',
        values: [
          { number: 0, name: 'OPEN', deprecated: false },
          { number: 1, name: 'PAID', deprecated: false },
        ],
      },
    ],
  ]),
}

const { root } = protobuf.parse(`
  syntax = "proto3"; package shop;
  enum State { OPEN = 0; PAID = 1; }
  message Card { string number = 1; string holder = 2; }
  message Order {
    int64 id = 1; bool paid = 2; Card card = 3; State state = 4; sint32 delta = 5; repeated int32 sizes = 6;
    map<string, string> labels = 7; repeated Order parts = 8; repeated double prices = 9;
  }`)
const order = root.lookupType('shop.Order')
const limits = { depth: 20, fields: 2_000 }

const named = (value: object): Json =>
  nameFields(parseProtobuf(order.encode(order.fromObject(value)).finish(), limits) ?? null, set, 'shop.Order')

describe('nameFields', () => {
  it('says what another encoder wrote', () => {
    const rows: readonly object[] = [
      { id: 7, paid: true, state: 'PAID', delta: -3, card: { number: '4012888888881881', holder: 'Ann' } },
      { id: -5 },
      { sizes: [1, 2, 300], prices: [1.5, -2] },
      { labels: { a: 'b', c: 'd' } },
      { parts: [{ id: 1 }, { id: 2, parts: [{ id: 3 }] }] },
      // Its bytes read as text: a line break, a blank, and 32 letters.
      { card: { number: 'a'.repeat(32) } },
      { parts: [{ id: 1 }] },
    ]
    for (const row of rows) expect(named(row)).toEqual(row)
    expect(rows).toHaveLength(7)
  })

  it('leaves what the descriptor does not have, and what cannot be what it says', () => {
    expect(nameFields({ '1': 5, '99': 'x' }, set, 'shop.Order')).toEqual({ id: 5, '99': 'x' })
    expect(nameFields({ '2': 7, '4': 9, '6': '[900 bytes: ff]' }, set, 'shop.Order')).toEqual({
      paid: 7,
      state: 9,
      sizes: ['[900 bytes: ff]'],
    })
    expect(nameFields({ '1': 5 }, set, 'shop.Unknown')).toEqual({ '1': 5 })
    expect(nameFields(JSON.parse('{"__proto__":1,"1":2}') as Json, set, 'shop.Order')).toEqual(
      JSON.parse('{"__proto__":1,"id":2}'),
    )
  })

  it('takes any tree, and any bytes, and changes nothing it is given', () => {
    const key = fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'x')
    const { tree } = fc.letrec<{ tree: Json; object: Json }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.integer(),
        fc.string(),
        fc.constantFrom('18446744073709551615', '[2 bytes: ff01]', '\n \n', null),
        fc.array(tie('tree'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    }))
    fc.assert(
      fc.property(tree, value => {
        const before = JSON.stringify(value)
        nameFields(value, set, 'shop.Order')
        expect(JSON.stringify(value)).toBe(before)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const value = parseProtobuf(bytes, limits)
        if (value !== undefined) expect(nameFields(value, set, 'shop.Order')).toBeTypeOf('object')
      }),
    )
  })
})

describe('DescriptorRegistry', () => {
  const framed = (bytes: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(bytes.length, 1)
    return Buffer.concat([head, bytes])
  }
  const headers = { 'content-type': 'application/grpc' }
  const call = (target: string) =>
    exampleCall({
      // Field 1: the text `ann`; field 2: the varint 5.
      request: { method: 'POST', target, headers, body: framed(Uint8Array.of(10, 3, 97, 110, 110, 16, 5)) },
      response: {
        status: 200,
        headers,
        body: framed(
          order.encode(order.fromObject({ id: 5, card: { number: '4012888888881881' } })).finish(),
        ),
      },
    })

  it('lets parts of gRPC calls speak in names, objects among them, behind any prefix', () => {
    const descriptors = new DescriptorRegistry([set])
    expect(descriptors.size).toBe(1)
    for (const target of ['/shop.Orders/GetOrder', '/grpc/shop.Orders/GetOrder']) {
      const [part] = readParts(call(target), { descriptors })
      expect(part?.call.request.content).toEqual({ kind: 'json', value: { customer: 'ann', order_id: 5 } })
      expect(part?.call.response?.content).toMatchObject({
        value: { id: 5, card: { number: '4012888888881881' } },
      })
      expect(part?.operation.objects).toEqual([{ type: 'order', id: '5' }])
    }
  })

  it('leaves other methods, and bodies with names, as they are', () => {
    const descriptors = new DescriptorRegistry([set])
    const [part] = readParts(call('/shop.Orders/Other'), { descriptors })
    expect(part?.call.request.content).toEqual({ kind: 'json', value: { '1': 'ann', '2': 5 } })
    const json = { kind: 'json', value: { order_id: 5 } } as const
    expect(descriptors.name(json, '/shop.Orders/GetOrder', 'request')).toBe(json)
    expect(descriptors.name({ kind: 'binary' }, '/shop.Orders/GetOrder', 'request').kind).toBe('binary')
  })
})
