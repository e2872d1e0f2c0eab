/** Check digits, written apart from the product's: what is judged must not also be the judge. */

/** The digit that makes `body` + digit pass Luhn. */
export function luhnDigit(body: string): string {
  let sum = 0
  for (let index = 0; index < body.length; index += 1) {
    const digit = Number(body[body.length - 1 - index])
    const doubled = index % 2 === 0 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return String((10 - (sum % 10)) % 10)
}

/** ISO 13616: check digits of an account of a country. */
export function ibanOf(country: string, account: string): string {
  const spelled = [...`${account}${country}00`].map(one => String(Number.parseInt(one, 36))).join('')
  return `${country}${String(98n - (BigInt(spelled) % 97n)).padStart(2, '0')}${account}`
}

/** Sum of digits times weights, modulo `modulus`. */
export const weighted = (digits: string, weights: readonly number[], modulus: number): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % modulus

/** EAN-13 of twelve digits. */
export const eanOf = (body: string): string =>
  body + String((10 - weighted(body, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10)) % 10)
