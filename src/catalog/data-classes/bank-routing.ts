import { allSame, weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const bankRouting = defineDataClass({
  id: 'bank-routing',
  title: 'US bank routing number (ABA)',
  group: 'pii',
  sensitivity: 10,
  names: ['routing', 'routing number', 'aba', 'rtn'],
  needsName: true,
  chance: 0.1,
  test: ({ text, digits }) =>
    digits === 9 &&
    text.length === 9 &&
    !allSame(text) &&
    weightedSum(text, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
  examples: { matches: ['021000021', '011401533'], rejects: ['021000022', '000000000', '02100002'] },
})
