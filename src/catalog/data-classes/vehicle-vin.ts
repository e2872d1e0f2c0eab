import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'

const form = /^[A-HJ-NPR-Z0-9]{11}[A-HJ-NPR-Z0-9]{2}\d{4}$/
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
/** Values of the letters A to Z; I, O and Q do not occur (ISO 3779, 49 CFR 565). */
const values = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9]

function checks(text: string): boolean {
  let sum = 0
  for (let index = 0; index < 17; index += 1) {
    const code = text.charCodeAt(index)
    sum += (code >= 65 ? (values[code - 65] ?? 0) : code - 48) * (weights[index] ?? 0)
  }
  const rest = sum % 11
  return text.charCodeAt(8) === (rest === 10 ? 88 : 48 + rest)
}

const isForm = ({ text, letters }: ValueProfile): boolean => letters >= 2 && form.test(text)

export const vehicleVin = defineDataClass({
  id: 'vehicle-vin',
  title: 'Vehicle identification number',
  group: 'pii',
  sensitivity: 8,
  names: ['vin', 'vehicle identification number', 'chassis number', 'fahrgestellnummer'],
  chance: 0.02,
  shapes: ['code'],
  lengths: [17, 17],
  // The check digit is law in North America only; beside the name the form is enough.
  test: isForm,
  blind: { chance: 0.005, test: value => isForm(value) && checks(value.text) },
  examples: {
    matches: ['1M8GDM9AXKP042788', '1HGCM82633A004352'],
    rejects: ['1M8GDM9AXKP04278I', '1M8GDM9AXKP04278', 'ABCDEFGHJKLMNPRST'],
  },
})
