import { allSame, luhn } from '../checksums.ts'
import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'
import { publishedCards } from './reference/published-cards.ts'

/** 12 to 19 digits, in groups or not. */
function cardDigits({ text, digits, letters }: ValueProfile): string | undefined {
  if (letters > 0 || digits < 12 || digits > 19 || text.length > 23) return undefined
  if (digits === text.length) return text
  return /^\d{4}(?:[ -]\d{4}){2}[ -]\d{1,7}$/.test(text) || /^\d{4}[ -]\d{6}[ -]\d{5}$/.test(text)
    ? text.replace(/[ -]/g, '')
    : undefined
}

/** Issuer identification ranges of the large networks, with their lengths (ISO/IEC 7812). */
function inIssuerRange(digits: string): boolean {
  const { length } = digits
  const two = Number(digits.slice(0, 2))
  const four = Number(digits.slice(0, 4))
  if (digits.startsWith('4')) return length === 13 || length === 16 || length === 19
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16
  if (two === 34 || two === 37) return length === 15
  if (two === 36 || two === 38 || (four >= 3000 && four <= 3059)) return length >= 14 && length <= 19
  if (four === 6011 || two === 65 || (four >= 6440 && four <= 6499)) return length >= 16 && length <= 19
  if (four >= 3528 && four <= 3589) return length >= 16 && length <= 19
  if (two === 62) return length >= 16 && length <= 19
  if (four === 2131 || four === 1800) return length === 15
  if (two === 50 || (two >= 56 && two <= 58) || two === 67 || four === 6304 || four === 6390)
    return length >= 12 && length <= 19
  return false
}

export const paymentCard = defineDataClass({
  id: 'payment-card',
  title: 'Payment card number',
  group: 'pci',
  sensitivity: 30,
  names: [
    'card',
    'card number',
    'cardnumber',
    'pan',
    'credit card',
    'cc number',
    'ccnumber',
    'payment card',
    'card no',
  ],
  // One random number in ten passes the check digit, one in three of those an issuer's range.
  chance: 0.03,
  neighbours: ['card-security-code', 'card-expiry'],
  shapes: ['digits'],
  lengths: [12, 23],
  test: value => {
    const digits = cardDigits(value)
    return digits !== undefined && inIssuerRange(digits) && luhn(digits) && !allSame(digits)
  },
  testValue: ({ bare }) => publishedCards.has(bare),
  examples: {
    matches: [
      '4539 5787 6362 1486',
      '5425233430109903',
      '374245455400126',
      '6011000991300009',
      '3566000020000410',
    ],
    rejects: [
      '4539 5787 6362 1487',
      '1234567890123452',
      '4539578763621',
      'order 4539578763621486',
      '1700000000000',
    ],
  },
})
