import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { luhn } from '../checksums.ts'
import { FieldEvidence } from './field-evidence.ts'

const label = (name: string, values: readonly (string | number)[]): string | undefined => {
  const evidence = new FieldEvidence(name)
  for (const value of values) {
    if (typeof value === 'number') evidence.addNumber(value)
    else evidence.add(value)
  }
  return evidence.label()
}

/** A card number with a right check digit, from a seed. */
const card = (seed: number): string => {
  const body = `4539${String(10_000_000_000 + (Math.imul(seed + 1, 2_654_435_761) >>> 0) * 20).slice(0, 11)}`
  return Array.from({ length: 10 }, (_, digit) => body + digit).find(luhn)!
}
const many = <Value>(make: (index: number) => Value, count = 12): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('FieldEvidence', () => {
  const rows: readonly [string, string, readonly (string | number)[], string | undefined][] = [
    ['cards under their name', 'cardNumber', many(card), 'payment-card'],
    ['cards under no telling name', 'value', many(card), 'payment-card'],
    ['cards as numbers', 'pan', many(index => Number(card(index))), 'payment-card'],
    ['one card seen often', 'cardNumber', many(() => card(1)), undefined],
    ['e-mail addresses', 'contact', many(index => `user${index}@shop.example`), 'email'],
    ['telephone numbers', 'phone', many(index => `+4930123${4000 + index}`), 'phone'],
    ['names by key', 'firstName', ['Anna', 'Bela', 'Carl', 'Dora'], 'person-name'],
    ['the same words under another key', 'colour', ['Anna', 'Bela', 'Carl', 'Dora'], undefined],
    ['dates of birth by key', 'dateOfBirth', many(index => `19${70 + index}-02-11`), 'date-of-birth'],
    ['dates under another key', 'createdAt', many(index => `20${10 + index}-02-11`), undefined],
    ['milliseconds', 'timestamp', many(index => 1_700_000_000_000 + index * 7919), undefined],
    ['timestamps as text', 'ts', many(index => String(1_700_000_000_000 + index * 7919)), undefined],
    ['UUIDs', 'id', many(index => `3f2b8c1e-0000-4000-8000-${String(100_000_000_000 + index)}`), undefined],
    ['masked passwords', 'password', ['[redacted:password:0123456789ab]'], 'password'],
    ['masked tokens', 'auth_token', ['[redacted:jwt:0123456789ab]'], 'jwt'],
    ['masked keys of a kind that is no class', 'key', ['[redacted:stripe-key:0123456789ab]'], 'secret'],
    ['social security numbers', 'ssn', many(index => `536-90-${4000 + index}`), 'us-ssn'],
    ['card security codes', 'cvv', ['123', '456', '789', '012'], 'card-security-code'],
    ['small numbers', 'quantity', [1, 2, 3, 4, 5], undefined],
  ]
  let ran = 0
  it.each(rows)('%s', (_, name, values, expected) => {
    expect(label(name, values)).toBe(expected)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(19))

  it('never calls random 16-digit numbers cards, nor random numbers anything else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 10n ** 15n, max: 10n ** 16n - 1n }), { minLength: 40, maxLength: 60 }),
        numbers => {
          expect(label('reference', numbers.map(String))).toBeUndefined()
        },
      ),
      { numRuns: 200, seed: 11 },
    )
  })

  it('changes its mind when the values turn out otherwise', () => {
    const evidence = new FieldEvidence('value')
    for (const value of many(card, 4)) evidence.add(value)
    expect(evidence.label()).toBe('payment-card')
    for (let index = 0; index < 200; index += 1) evidence.add(`plain text number ${index}`)
    expect(evidence.former).toBe('payment-card')
    expect(evidence.label()).toBeUndefined()
  })

  it('gives the same label merged as in one go', () => {
    const whole = new FieldEvidence('contact')
    const left = new FieldEvidence('contact')
    const right = new FieldEvidence('contact')
    many(index => `user${index}@shop.example`, 8).forEach((value, index) => {
      whole.add(value)
      ;(index % 2 === 0 ? left : right).add(value)
    })
    left.absorb(right)
    expect([left.label(), left.values]).toEqual([whole.label(), whole.values])
  })
})
