import { allSame, weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const nhsNumber = defineDataClass({
  id: 'nhs-number',
  title: 'NHS number',
  group: 'phi',
  sensitivity: 25,
  names: ['nhs', 'nhs number'],
  // Ten digits whose mod 11 check holds: one random number in eleven.
  chance: 0.09,
  shapes: ['digits'],
  lengths: [10, 12],
  test: ({ text, bare, digits }) => {
    if (
      digits !== 10 ||
      bare.length !== 10 ||
      (text.length !== 10 && !/^\d{3}[ -]\d{3}[ -]\d{4}$/.test(text)) ||
      allSame(bare)
    )
      return false
    const check = (11 - (weightedSum(bare, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
    return check < 10 && check === bare.charCodeAt(9) - 48
  },
  examples: { matches: ['9434765919', '943 476 5919'], rejects: ['9434765918', '943476591', '0000000000'] },
})
