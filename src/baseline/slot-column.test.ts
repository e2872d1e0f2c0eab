import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ColumnKind, SlotColumn } from './slot-column.ts'

const arrays = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const
const kinds = Object.keys(arrays) as ColumnKind[]

describe('slot column', () => {
  it.each(kinds)('of %s holds what a typed array of all slots would hold', kind => {
    const slots = 3_000
    const write = fc.record({
      slot: fc.nat(slots - 1),
      at: fc.nat(1),
      value: fc.oneof(fc.nat(255), fc.double({ noNaN: true, min: 0, max: 1e6 })),
    })
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), writes => {
        const column = new SlotColumn(kind, 2)
        const model = new arrays[kind](slots * 2)
        for (const { slot, at, value } of writes) {
          column.set(slot, value, at)
          model[slot * 2 + at] = value
        }
        for (const { slot, at } of writes) expect(column.get(slot, at)).toBe(model[slot * 2 + at])
      }),
      { numRuns: 50 },
    )
    expect(new SlotColumn(kind).get(2_999)).toBe(0)
  })

  it('adds small integers up to their largest value', () => {
    const column = new SlotColumn('u8')
    for (let times = 0; times < 300; times += 1) column.add(5)
    expect(column.get(5)).toBe(255)
    column.clear(5)
    expect(column.get(5)).toBe(0)
  })
})
