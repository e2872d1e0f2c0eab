import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { descriptorBytes, type MessageText, ordersFile } from '../../../../test/support/descriptor-bytes.ts'
import { SallyportError } from '../../../kit/error.ts'
import { isDescriptorSet, readDescriptorSet } from './descriptor-set.ts'

describe('a descriptor set', () => {
  const bytes = descriptorBytes([ordersFile])
  const set = readDescriptorSet(bytes)

  it('is told from text', () => {
    expect(isDescriptorSet(bytes)).toBe(true)
    expect(isDescriptorSet(Buffer.from('\n\nopenapi: 3.1.0\n'))).toBe(false)
    expect(isDescriptorSet(Buffer.from('\n'))).toBe(false)
    expect(isDescriptorSet(new Uint8Array())).toBe(false)
  })

  it('gives services and methods by their full names', () => {
    expect(set.services.map(({ name }) => name)).toEqual(['shop.Orders'])
    expect(set.services[0]?.methods).toEqual([
      {
        name: 'Get',
        input: 'shop.GetOrderRequest',
        output: 'shop.Order',
        clientStreaming: false,
        serverStreaming: false,
        deprecated: false,
      },
      expect.objectContaining({ name: 'Watch', serverStreaming: true, deprecated: false }),
      expect.objectContaining({ name: 'Find', serverStreaming: false, deprecated: true }),
    ])
  })

  it('gives messages with their fields, also where one holds itself', () => {
    expect(set.messages.get('shop.Order')?.fields).toEqual([
      { number: 1, name: 'id', type: 'int64', kind: 'scalar', repeated: false, deprecated: false },
      { number: 2, name: 'note', type: 'string', kind: 'scalar', repeated: false, deprecated: false },
      { number: 3, name: 'state', type: 'shop.State', kind: 'enum', repeated: false, deprecated: false },
      { number: 4, name: 'parts', type: 'shop.Order', kind: 'message', repeated: true, deprecated: false },
      {
        number: 5,
        name: 'labels',
        type: 'shop.Order.LabelsEntry',
        kind: 'message',
        repeated: true,
        deprecated: false,
      },
      { number: 6, name: 'old_total', type: 'double', kind: 'scalar', repeated: false, deprecated: true },
    ])
    expect(set.messages.get('shop.Order.LabelsEntry')?.mapEntry).toBe(true)
    expect(set.enums.get('shop.State')?.values.map(({ name }) => name)).toEqual(['OPEN', 'PAID'])
  })

  it('refuses what lies beyond its bounds', () => {
    let deep: MessageText = { name: 'M' }
    for (let depth = 0; depth < 40; depth += 1) deep = { name: 'M', nested: [deep] }
    const nested = descriptorBytes([{ package: 'a', messages: [deep] }])
    expect(() => readDescriptorSet(nested)).toThrow(/more than 32 deep/)
    expect(() => readDescriptorSet(bytes, { bytes: 10, nodes: 10, depth: 1 })).toThrow(/larger than/)
    expect(() => readDescriptorSet(bytes, { bytes: 10_000, nodes: 12, depth: 4 })).toThrow(SallyportError)
  })

  it('is read or refused with its place, whatever the bytes and wherever they end', () => {
    const cut = fc.nat(bytes.length).map(length => bytes.slice(0, length))
    const bent = fc
      .tuple(fc.nat(bytes.length - 1), fc.nat(255))
      .map(([at, byte]) => bytes.with(at, byte) as Uint8Array)
    let refused = 0
    fc.assert(
      fc.property(fc.oneof(cut, bent, fc.uint8Array({ maxLength: 64 })), input => {
        try {
          readDescriptorSet(input)
        } catch (error) {
          refused += 1
          expect(error).toBeInstanceOf(SallyportError)
          expect((error as SallyportError).mend).toBeDefined()
        }
      }),
      { numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})
