import { defineDataClass } from '../data-class.ts'

export const personName = defineDataClass({
  id: 'person-name',
  title: 'Name of a person',
  group: 'pii',
  sensitivity: 6,
  names: [
    'first name',
    'last name',
    'full name',
    'given name',
    'family name',
    'surname',
    'firstname',
    'lastname',
    'fullname',
    'middle name',
    'maiden name',
    'customer name',
    'patient name',
    'cardholder',
    'cardholder name',
    'display name',
    'contact name',
  ],
  needsName: true,
  chance: 0.3,
  recall: 0.97,
  test: ({ text, digits }) =>
    digits === 0 && text.length >= 2 && text.length <= 80 && /^[\p{L}][\p{L}\p{M}'’. -]*$/u.test(text),
  examples: {
    matches: ['Anna', 'Jean-Luc O’Connor', 'Łukasz Żak'],
    rejects: ['user_42', 'a', 'x@y.example', '12'],
  },
})
