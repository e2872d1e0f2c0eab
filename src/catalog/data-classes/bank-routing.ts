import { allSame, weightedSum } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

/** Districts of the Federal Reserve, thrift institutions, electronic and travellers' cheques. */
const districts = /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/

export const bankRouting = defineDataClass({
  id: 'bank-routing',
  title: 'US bank routing number (ABA)',
  group: 'pii',
  sensitivity: 10,
  names: ['routing', 'routing number', 'routing no', 'aba', 'rtn'],
  neighbours: ['bank'],
  chance: 0.04,
  shapes: ['digits'],
  lengths: [9, 9],
  test: ({ text, digits }) =>
    digits === 9 &&
    districts.test(text) &&
    !allSame(text) &&
    weightedSum(text, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
  examples: {
    matches: ['021000021', '011401533'],
    rejects: ['021000022', '000000000', '02100002', '991000029'],
  },
})
