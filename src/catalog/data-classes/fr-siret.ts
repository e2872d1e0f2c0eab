import { allSame, luhn } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const frSiret = defineDataClass({
  id: 'fr-siret',
  title: 'French establishment number (SIRET)',
  group: 'pii',
  sensitivity: 5,
  names: ['siret', 'siret number', 'numero siret'],
  // Luhn over all fourteen digits and again over the nine of the company.
  chance: 0.01,
  shapes: ['digits'],
  lengths: [14, 17],
  test: ({ text, bare, digits }) =>
    digits === 14 &&
    (text.length === 14 || /^\d{3} \d{3} \d{3} \d{5}$/.test(text)) &&
    !allSame(bare.slice(0, 9)) &&
    luhn(bare) &&
    luhn(bare.slice(0, 9)),
  examples: {
    matches: ['73282932000074', '732 829 320 00074'],
    rejects: ['73282932000075', '00000000000000', '7328293200007'],
  },
})
