import { defineDataClass } from '../data-class.ts'

/** Values of the characters at odd places, by letter or digit. */
const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]

export const itCodiceFiscale = defineDataClass({
  id: 'it-codice-fiscale',
  title: 'Italian codice fiscale',
  group: 'pii',
  sensitivity: 25,
  names: ['codice fiscale', 'codicefiscale', 'cf'],
  chance: 0.001,
  shapes: ['code'],
  lengths: [16, 16],
  test: ({ text, bare }) => {
    const code = bare.toUpperCase()
    if (
      text.length !== 16 ||
      !/^[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]$/.test(code)
    )
      return false
    let sum = 0
    for (let index = 0; index < 15; index += 1) {
      const at = code.charCodeAt(index)
      const value = at >= 65 ? at - 65 : at - 48
      sum += index % 2 === 0 ? (odd[value] ?? 0) : value
    }
    return sum % 26 === code.charCodeAt(15) - 65
  },
  examples: {
    matches: ['RSSMRA85T10A562S'],
    rejects: ['RSSMRA85T10A562T', 'RSSMRA85T10A56', 'ABCDEFGHIJKLMNOP'],
  },
})
