import { defineDataClass } from '../data-class.ts'

const international = /^\+[1-9](?:[ ().-]{0,2}\d){6,14}$/
const national =
  /^(?:\(\d{2,5}\)[ -]?\d{3,4}[ -]?\d{3,4}|\d{3}[-. ]\d{3}[-. ]\d{4}|0\d{2,4}[ -]\d{3,4}[ -]\d{3,4})$/

export const phone = defineDataClass({
  id: 'phone',
  title: 'Telephone number',
  group: 'pii',
  sensitivity: 10,
  names: ['phone', 'telephone', 'tel', 'mobile', 'cell', 'msisdn', 'phone number', 'fax'],
  chance: 0.2,
  recall: 0.95,
  // Bare digits are numbers of anything: only a `+` or the usual punctuation makes them a telephone number.
  test: ({ text, digits, letters }) =>
    letters === 0 &&
    digits >= 7 &&
    digits <= 15 &&
    text.length <= 24 &&
    (international.test(text) || national.test(text)),
  examples: {
    matches: ['+49 30 901820', '+14155550123', '(415) 555-0123', '415-555-0123', '020 7946 0958'],
    rejects: ['1700000000000', '14155550123', '2024-01-01', '192.168.10.20', '12-34'],
  },
})
