/** Check digits. Each takes digits only (or what it says) and answers whether they hold; linear, no allocation. */

/** ISO/IEC 7812-1, mod 10 with every second digit doubled. */
export function luhn(digits: string): boolean {
  let sum = 0
  let double = false
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    let digit = digits.charCodeAt(index) - 48
    if (double) digit = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += digit
    double = !double
  }
  return digits.length > 0 && sum % 10 === 0
}

/** ISO 7064 MOD 97-10 over letters (A = 10) and digits; the remainder, 1 where it holds for an IBAN already rotated. */
export function mod97(text: string): number {
  let remainder = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    remainder = code >= 65 ? (remainder * 100 + code - 55) % 97 : (remainder * 10 + code - 48) % 97
  }
  return remainder
}

/** Σ digit × weight. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < weights.length; index += 1)
    sum += (digits.charCodeAt(index) - 48) * (weights[index] ?? 0)
  return sum
}

const multiplication = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
]
const permutation = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
]

/** Verhoeff's dihedral check, the last digit being the check digit. */
export function verhoeff(digits: string): boolean {
  let check = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const permuted = (permutation[index % 8] ?? '').charCodeAt(digit) - 48
    check = (multiplication[check] ?? '').charCodeAt(permuted) - 48
  }
  return digits.length > 0 && check === 0
}

/** True where all digits are the same: passes many checks and is never real. */
export function allSame(text: string): boolean {
  for (let index = 1; index < text.length; index += 1)
    if (text.charCodeAt(index) !== text.charCodeAt(0)) return false
  return true
}
