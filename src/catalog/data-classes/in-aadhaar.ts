import { allSame, verhoeff } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const inAadhaar = defineDataClass({
  id: 'in-aadhaar',
  title: 'Indian Aadhaar number',
  group: 'pii',
  sensitivity: 25,
  names: ['aadhaar', 'aadhar', 'uidai'],
  // Verhoeff over twelve digits of which the first is 2 to 9.
  chance: 0.08,
  shapes: ['digits'],
  lengths: [12, 14],
  test: ({ text, bare, digits }) =>
    digits === 12 &&
    bare.length === 12 &&
    (text.length === 12 || /^\d{4}[ -]\d{4}[ -]\d{4}$/.test(text)) &&
    bare >= '2' &&
    !allSame(bare) &&
    verhoeff(bare),
  examples: {
    matches: ['234123412346', '2341 2341 2346'],
    rejects: ['234123412347', '134123412346', '23412341234'],
  },
})
