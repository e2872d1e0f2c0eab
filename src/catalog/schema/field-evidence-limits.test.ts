import { describe, expect, it } from 'vitest'
import { luhn } from '../checksums.ts'
import { publishedCards } from '../data-classes/reference/published-cards.ts'
import { publishedIbans } from '../data-classes/reference/published-ibans.ts'
import { FieldEvidence } from './field-evidence.ts'

const evidenceOf = (name: string, values: readonly string[]): FieldEvidence => {
  const evidence = new FieldEvidence(name)
  for (const value of values) evidence.add(value)
  return evidence
}
const withLuhn = (body: string): string =>
  Array.from({ length: 10 }, (_, digit) => `${body}${digit}`).find(luhn)!
const scatter = (index: number): string => String(Math.imul(index + 1, 2_654_435_761) >>> 0).padStart(10, '0')
const cards = Array.from({ length: 12 }, (_, index) => withLuhn(`45391${scatter(index)}`))

describe('test values', () => {
  it.each([
    ['cards', 'cardNumber', [...publishedCards].slice(0, 10), 'payment-card'],
    ['IBANs', 'iban', [...publishedIbans].slice(0, 10), 'iban'],
    ['social security numbers', 'ssn', ['123-45-6789', '078-05-1120', '219-09-9999'], 'us-ssn'],
    ['telephone numbers', 'phone', ['+1 415 555 0123', '(212) 555-0199', '+1 303 555 0101'], 'phone'],
    ['e-mail addresses', 'email', ['a@example.com', 'b@mail.example.org', 'c@example.net'], 'email'],
  ])('a field of published %s has no class, and says what it holds', (_, name, values, dataClass) => {
    const evidence = evidenceOf(name, values)
    expect([evidence.label(), evidence.testData]).toEqual([undefined, dataClass])
  })

  it('are passed over where real values stand among them', () => {
    const mixed = [...[...publishedCards].slice(0, 30), ...cards.slice(0, 3)]
    const evidence = evidenceOf('cardNumber', mixed)
    expect([evidence.label(), evidence.testData]).toEqual(['payment-card', undefined])
  })

  it.each(['card', 'value1'])('are published numbers, not all of the ranges kept for tests: %s', name => {
    const reserved = ['424242', '400000', '555555', '222300']
    const values = Array.from({ length: 12 }, (_, index) =>
      withLuhn(`${reserved[index % 4]}${scatter(index).slice(0, 9)}`),
    )
    expect(evidenceOf(name, values).label()).toBe('payment-card')
  })
})

describe('the sample', () => {
  it.each([
    ['of a card', 'cardNumber', cards, `45…${cards[0]!.slice(-2)}`],
    ['of short values: none', 'cvv', ['123', '456', '789', '012'], undefined],
    [
      'of secrets: none',
      'client_secret',
      ['Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB', 'q8Wn2KxV5bTc7Yd1Rm4Hs6Jp9Lg3Fz0A'],
      undefined,
    ],
    ['without a class: none', 'title', ['golden lamp', 'faded chair', 'early mug'], undefined],
  ])('%s', (_, name, values, sample) => {
    const evidence = evidenceOf(name, values)
    expect(evidence.sample).toBe(sample)
    expect((evidence.sample ?? '').replace('…', '').length).toBeLessThanOrEqual(4)
  })
})

describe('look-alikes', () => {
  const climbing = Array.from({ length: 20 }, (_, index) =>
    withLuhn(`4000${String(10_000_000_000 + index * 3)}`),
  )
  it.each([
    ['order numbers that pass Luhn, one after the other', 'value', climbing],
    ['order numbers that pass Luhn, of one prefix, in any order', 'orderNumber', cards],
    ['versions of four parts', 'a', ['1.2.3.4', '1.2.3.5', '2.0.1.9', '2.1.0.4']],
    [
      'addresses of the form under a version',
      'version',
      ['81.12.30.4', '81.12.31.7', '90.1.2.3', '91.0.7.2'],
    ],
    [
      'seconds under a name of a telephone',
      'phone',
      ['1700000001', '1712345678', '1723456789', '1734567890'],
    ],
    [
      'paging tokens',
      'nextPageToken',
      ['Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB', 'q8Wn2KxV5bTc7Yd1Rm4Hs6Jp9Lg3Fz0A'],
    ],
    ['pictures at a size', 'image', ['a@2x.png', 'b@3x.png', 'logo@2x.png', 'icon@2x.svg']],
  ])('%s have no class', (_, name, values) => {
    expect(evidenceOf(name, values).label()).toBeUndefined()
  })
})

describe('a class once given', () => {
  it('does not lapse over a few values of another kind, nor over values that were only sampled', () => {
    const evidence = evidenceOf('cardNumber', cards)
    for (let index = 0; index < 5; index += 1) evidence.add('none')
    expect(evidence.label()).toBe('payment-card')
    for (let index = 0; index < 400; index += 1) evidence.add(cards[index % cards.length]!)
    expect([evidence.label(), evidence.former]).toEqual(['payment-card', undefined])
  })

  it('is noticed late in the life of a field, too', () => {
    const evidence = new FieldEvidence('reference')
    for (let index = 0; index < 1_000; index += 1) evidence.add(`ref-${scatter(index)}`)
    expect(evidence.label()).toBeUndefined()
    for (let index = 0; index < 4_000; index += 1) evidence.add(`p${index}@post.example`)
    expect(evidence.label()).toBe('email')
  })

  it('holds for a field of which a part is of the class', () => {
    const values = cards.flatMap((card, index) => [card, `voucher-${index}`, 'cash'])
    expect(evidenceOf('instrument', values).label()).toBe('payment-card')
  })
})
