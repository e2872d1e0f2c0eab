import { defineDataClass } from '../data-class.ts'

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE'

export const esDni = defineDataClass({
  id: 'es-dni',
  title: 'Spanish DNI or NIE',
  group: 'pii',
  sensitivity: 25,
  names: ['dni', 'nie', 'nif'],
  // The letter is the number modulo 23.
  chance: 0.04,
  shapes: ['code', 'text'],
  lengths: [9, 11],
  test: ({ text, bare }) => {
    if (text.length > 11 || !/^[0-9XYZ]\d{7}[A-Z]$/.test(bare)) return false
    const number = bare.slice(0, 8).replace('X', '0').replace('Y', '1').replace('Z', '2')
    return letters[Number(number) % 23] === bare[8]
  },
  examples: {
    matches: ['12345678Z', 'X1234567L', '12345678-Z'],
    rejects: ['12345678A', '1234567Z', 'W1234567L'],
  },
})
