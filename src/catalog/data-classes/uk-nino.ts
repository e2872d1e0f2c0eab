import { defineDataClass } from '../data-class.ts'

export const ukNino = defineDataClass({
  id: 'uk-nino',
  title: 'UK national insurance number',
  group: 'pii',
  sensitivity: 25,
  names: ['nino', 'national insurance', 'national insurance number'],
  chance: 0.005,
  shapes: ['code', 'text'],
  lengths: [9, 13],
  test: ({ text, bare }) =>
    text.length <= 13 &&
    bare.length === 9 &&
    /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(bare),
  examples: {
    matches: ['AB123456C', 'JG 10 37 59 A'],
    rejects: ['GB123456A', 'AB123456E', 'AB12345C', 'QQ123456C'],
  },
})
