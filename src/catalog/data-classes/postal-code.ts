import { defineDataClass } from '../data-class.ts'

/** Postal codes of most countries: digits in groups, Canada's, Britain's and Ireland's, the Netherlands'. */
const forms = [
  /^(?:[A-Z]{1,2}-)?\d{4,6}$/i,
  /^\d{5}-\d{4}$/,
  /^\d{2,3}[ -]\d{2,3}$/,
  /^\d{4}-\d{3}$/,
  /^\d{5}-\d{3}$/,
  /^\d{4} ?[A-Z]{2}$/i,
  /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i,
  /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i,
  /^[A-Z]\d[\dW] ?[A-Z\d]{4}$/i,
]

export const postalCode = defineDataClass({
  id: 'postal-code',
  title: 'Postal code',
  group: 'pii',
  sensitivity: 3,
  names: [
    'zip',
    'zip code',
    'zipcode',
    'postal code',
    'postalcode',
    'postcode',
    'post code',
    'plz',
    'postleitzahl',
    'codigo postal',
    'code postal',
    'cep',
  ],
  neighbours: ['street-address', 'place'],
  needsName: true,
  chance: 0.2,
  recall: 0.97,
  lengths: [4, 10],
  test: ({ text }) => forms.some(form => form.test(text)),
  examples: {
    matches: ['10115', '94103-1234', 'SW1A 1AA', 'K1A 0B1', '1012 AB', '150 00', '4000-123'],
    rejects: ['Berlin', '123', '1234567', 'AAAA BBBB'],
  },
})
