import { weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const plPesel = defineDataClass({
  id: 'pl-pesel',
  title: 'Polish PESEL',
  group: 'pii',
  sensitivity: 25,
  names: ['pesel'],
  // A date of birth and a mod 10 check.
  chance: 0.006,
  shapes: ['digits'],
  lengths: [11, 11],
  test: ({ text, digits }) => {
    if (digits !== 11 || text.length !== 11) return false
    const month = Number(text.slice(2, 4)) % 20
    const day = Number(text.slice(4, 6))
    if (month < 1 || month > 12 || day < 1 || day > 31) return false
    return (10 - (weightedSum(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === text.charCodeAt(10) - 48
  },
  examples: {
    matches: ['44051401359', '02070803628'],
    rejects: ['44051401358', '44991401359', '4405140135'],
  },
})
