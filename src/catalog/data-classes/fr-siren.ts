import { allSame, luhn } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const frSiren = defineDataClass({
  id: 'fr-siren',
  title: 'French company number (SIREN)',
  group: 'pii',
  sensitivity: 5,
  names: ['siren', 'siren number', 'numero siren'],
  chance: 0.1,
  shapes: ['digits'],
  lengths: [9, 11],
  test: ({ text, bare, digits }) =>
    digits === 9 && (text.length === 9 || /^\d{3} \d{3} \d{3}$/.test(text)) && !allSame(bare) && luhn(bare),
  examples: { matches: ['732829320', '732 829 320'], rejects: ['732829321', '000000000', '73282932'] },
})
