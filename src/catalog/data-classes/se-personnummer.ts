import { luhn } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const sePersonnummer = defineDataClass({
  id: 'se-personnummer',
  title: 'Swedish personal identity number',
  group: 'pii',
  sensitivity: 25,
  names: ['personnummer', 'personal number'],
  chance: 0.004,
  shapes: ['digits'],
  lengths: [11, 13],
  test: ({ text }) => {
    const parts = /^(?:\d{2})?(\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01]))[-+](\d{4})$/.exec(text)
    return parts !== null && luhn(`${parts[1]}${parts[2]}`)
  },
  examples: {
    matches: ['811218-9876', '19811218-9876'],
    rejects: ['811218-9877', '811318-9876', '8112189876'],
  },
})
