import { bytes, count, decimal, milliseconds } from './number.ts'

/** `2 400 records`, `4.1 MB`, `1.2 s`: a value in its unit. */
export function amount(value: number, unit: string): string {
  if (unit === 'bytes') return bytes(value)
  if (unit === 'ms') return milliseconds(value)
  const number = Number.isInteger(value) ? count(value) : value < 10 ? String(value) : decimal(value)
  return unit === '' || unit === 'value' ? number : `${number} ${unit}`
}
