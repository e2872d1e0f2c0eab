import { allSame, weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const nlBsn = defineDataClass({
  id: 'nl-bsn',
  title: 'Dutch citizen service number (BSN)',
  group: 'pii',
  sensitivity: 25,
  names: ['bsn', 'burgerservicenummer', 'sofinummer'],
  chance: 0.09,
  // Nine digits, the "elfproef": weights 9 to 2 and -1, a multiple of eleven.
  shapes: ['digits'],
  lengths: [9, 9],
  test: ({ text, digits }) =>
    digits === 9 &&
    text.length === 9 &&
    !allSame(text) &&
    weightedSum(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
  examples: { matches: ['111222333', '123456782'], rejects: ['123456789', '000000000', '12345678'] },
})
