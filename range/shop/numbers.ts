import type { Random } from './random.ts'

/** The digits completed by their check digit (ISO/IEC 7812-1, Luhn). */
export function withLuhn(digits: string): string {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index])
    sum += index % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit
  }
  return `${digits}${(10 - (sum % 10)) % 10}`
}

/** A card number that checks, from the ranges that payment providers reserve for tests. */
export function cardNumber(random: Random): string {
  return withLuhn(`${random.pick(['424242', '400000', '555555', '222300'])}${random.digits(9)}`)
}

/** A German IBAN whose check digits are right (ISO 13616), of a bank code nobody has. */
export function iban(random: Random): string {
  const account = `00000000${random.digits(10)}`
  // D = 13, E = 14, then 00 in the place of the check digits.
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}
