import { defineDataClass } from '../data-class.ts'

export const passport = defineDataClass({
  id: 'passport',
  title: 'Passport number',
  group: 'pii',
  sensitivity: 25,
  names: ['passport', 'passport number', 'passport no'],
  needsName: true,
  shapes: ['digits', 'code'],
  lengths: [5, 12],
  chance: 0.2,
  test: ({ text, digits }) => digits >= 5 && /^[A-Z]{0,2}\d{5,9}[A-Z]?$/.test(text),
  examples: { matches: ['C0110024', 'AB1234567', '512345678'], rejects: ['passport', 'ABCDEF', '12'] },
})
