import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { luhn, mod97, verhoeff } from './checksums.ts'
import { profileOf } from './data-class.ts'
import { dataClassOf } from './data-classes/index.ts'

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map(list => list.join(''))

/** The one digit that, put after `text`, makes `check` hold. */
const complete = (text: string, check: (digits: string) => boolean): string => {
  const found = Array.from({ length: 10 }, (_, digit) => text + digit).filter(check)
  expect(found.length).toBe(1)
  return found[0]!
}

/** `text` with the digit at `index` raised by `by` (1 to 9), so always another digit. */
const changed = (text: string, index: number, by: number): string =>
  text.slice(0, index) + ((Number(text[index]) + by) % 10) + text.slice(index + 1)

describe('check digits', () => {
  it('Luhn: one completion, every single changed digit refused', () => {
    fc.assert(
      fc.property(
        digits(15),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 1, max: 9 }),
        (body, index, by) => {
          const whole = complete(body, luhn)
          expect(luhn(changed(whole, index, by))).toBe(false)
        },
      ),
    )
  })

  it('Verhoeff: one completion, every single changed digit and neighbouring swap refused', () => {
    fc.assert(
      fc.property(
        digits(11),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 1, max: 9 }),
        (body, index, by) => {
          const whole = complete(body, verhoeff)
          expect(verhoeff(changed(whole, index, by))).toBe(false)
          const swapped = whole.slice(0, index) + whole[index + 1] + whole[index] + whole.slice(index + 2)
          if (swapped !== whole) expect(verhoeff(swapped)).toBe(false)
        },
      ),
    )
  })

  it('IBAN: generated ones accepted, a changed digit refused', () => {
    const iban = dataClassOf('iban')!
    fc.assert(
      fc.property(
        digits(18),
        fc.integer({ min: 4, max: 21 }),
        fc.integer({ min: 1, max: 9 }),
        (account, index, by) => {
          const check = String(98 - mod97(`${account}DE00`)).padStart(2, '0')
          const whole = `DE${check}${account}`
          expect(iban.test(profileOf(whole))).toBe(true)
          expect(iban.test(profileOf(changed(whole, index, by)))).toBe(false)
        },
      ),
    )
  })

  it('payment cards: generated ones accepted, a changed digit refused', () => {
    const card = dataClassOf('payment-card')!
    fc.assert(
      fc.property(
        fc.constantFrom('4539', '5425', '2221', '6011'),
        digits(11),
        fc.integer({ min: 4, max: 15 }),
        fc.integer({ min: 1, max: 9 }),
        (issuer, body, index, by) => {
          const whole = complete(issuer + body, luhn)
          expect(card.test(profileOf(whole))).toBe(true)
          expect(card.test(profileOf(changed(whole, index, by)))).toBe(false)
        },
      ),
    )
  })

  const changeable: readonly (readonly [string, string])[] = [
    ['nhs-number', '9434765919'],
    ['es-dni', '12345678Z'],
    ['fr-insee', '255081416802538'],
    ['nl-bsn', '111222333'],
    ['br-cpf', '52998224725'],
    ['in-aadhaar', '234123412346'],
    ['bank-routing', '021000021'],
  ]
  let ran = 0
  it.each(changeable)('%s: no single changed digit passes', (id, valid) => {
    const definition = dataClassOf(id)!
    expect(definition.test(profileOf(valid))).toBe(true)
    for (let index = 0; index < valid.length; index += 1) {
      if (!/\d/.test(valid[index]!)) continue
      for (let by = 1; by < 10; by += 1)
        expect(definition.test(profileOf(changed(valid, index, by)))).toBe(false)
    }
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(7))
})
