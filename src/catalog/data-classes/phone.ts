import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'
import { fitsCallingPlan, isNorthAmerican } from './reference/calling-codes.ts'

const international = /^(?:\+|00 ?)[1-9](?:[ ().-]{0,2}\d){6,14}(?: ?(?:x|ext\.?) ?\d{1,6})?$/
const northAmerican = /^(?:\(\d{3}\) ?\d{3}|\d{3}[-. ]\d{3})[-. ]\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?$/
const national =
  /^(?:\(0\d{1,4}\)[ -]?\d{3,4}[ -]?\d{3,4}|0\d{1,4}[ -]\d{3,4}(?:[ -]\d{2,4}){1,2}|0\d{3,4}[ -]\d{5,6}|0\d(?:[ .]\d{2}){4})$/

/** A number with the marks of a telephone number: `+`, or the grouping of a national plan. */
function isWritten({ text }: ValueProfile): boolean {
  const plain = text.replace(/ ?(?:x|ext\.?) ?\d{1,6}$/, '')
  if (international.test(text)) {
    // `+49 (0)30`: the zero in brackets is not dialled from abroad.
    const digits = plain.replace('(0)', '').replace(/\D/g, '').replace(/^00/, '')
    return fitsCallingPlan(digits)
  }
  if (northAmerican.test(text)) return isNorthAmerican(plain.replace(/\D/g, ''))
  return national.test(text)
}

/** 1 555 01xx and the like: set aside for fiction. Also the drama numbers of Ofcom. */
function isFiction({ text }: ValueProfile): boolean {
  const digits = text.replace(/\D/g, '').replace(/^00/, '')
  return (
    /^1?[2-9]\d\d55501\d\d$/.test(digits) ||
    /^(?:44|0)(?:7700900|2079460|1632960)\d{3}$/.test(digits) ||
    /^1234567890?$/.test(digits)
  )
}

/** Bare digits that are no count of seconds or milliseconds since 1970 in our time. */
function isDialled({ text }: ValueProfile): boolean {
  if (!/^\d{7,15}$/.test(text)) return false
  if (/^1[4-9]\d{8}$/.test(text) || /^1[4-9]\d{11}$/.test(text)) return false
  return text.startsWith('0') || isNorthAmerican(text) || fitsCallingPlan(text) || text.length <= 10
}

export const phone = defineDataClass({
  id: 'phone',
  title: 'Telephone number',
  group: 'pii',
  sensitivity: 10,
  names: [
    'phone',
    'telephone',
    'telefon',
    'tel',
    'mobile',
    'cell',
    'cellphone',
    'handy',
    'msisdn',
    'phone number',
    'fax',
    'whatsapp',
    'telefono',
    'telefone',
    'telefoon',
    'telefonnummer',
    'telephone number',
    'telefoonnummer',
    'rufnummer',
    'handynummer',
    'mobil',
    'mobilnummer',
    'mobiltelefon',
    'celular',
    'movil',
    'cellulare',
    'portable',
    'gsm',
    'puhelin',
    'puhelinnumero',
  ],
  neighbours: ['person-name', 'email', 'person'],
  chance: 0.2,
  recall: 0.95,
  shapes: ['digits', 'code', 'text'],
  lengths: [7, 30],
  test: value =>
    value.digits >= 7 && value.digits <= 20 && value.letters <= 3 && (isWritten(value) || isDialled(value)),
  // Bare digits are numbers of anything: only a `+` or the usual punctuation makes them a telephone number.
  blind: {
    chance: 0.04,
    test: value => value.digits >= 7 && value.digits <= 20 && value.letters <= 3 && isWritten(value),
  },
  testValue: isFiction,
  examples: {
    matches: [
      '+49 30 901820',
      '+14155550123',
      '(415) 555-0123',
      '415-555-0123',
      '020 7946 0958',
      '07400 123456',
      '4155550123',
    ],
    rejects: ['1700000000000', '1700000000', '2024-01-01', '192.168.10.20', '12-34', '+1 100 200 3000'],
  },
})
