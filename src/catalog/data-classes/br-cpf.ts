import { allSame, weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const brCpf = defineDataClass({
  id: 'br-cpf',
  title: 'Brazilian CPF',
  group: 'pii',
  sensitivity: 25,
  names: ['cpf'],
  chance: 0.01,
  shapes: ['digits'],
  lengths: [11, 14],
  test: ({ text, bare, digits }) => {
    if (
      digits !== 11 ||
      bare.length !== 11 ||
      (text.length !== 11 && !/^\d{3}\.\d{3}\.\d{3}-\d{2}$/.test(text)) ||
      allSame(bare)
    )
      return false
    const first = ((weightedSum(bare, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
    const second = ((weightedSum(bare, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
    return first === bare.charCodeAt(9) - 48 && second === bare.charCodeAt(10) - 48
  },
  examples: {
    matches: ['529.982.247-25', '52998224725'],
    rejects: ['529.982.247-26', '11111111111', '5299822472'],
  },
})
