import { defineDataClass } from '../data-class.ts'

export const cardSecurityCode = defineDataClass({
  id: 'card-security-code',
  title: 'Card security code',
  group: 'pci',
  sensitivity: 30,
  names: ['cvv', 'cvc', 'cvv2', 'cvc2', 'csc', 'security code', 'card code'],
  needsName: true,
  neighbours: ['payment-card', 'card-expiry'],
  shapes: ['digits'],
  lengths: [3, 4],
  chance: 0.2,
  test: ({ text, digits }) => (text.length === 3 || text.length === 4) && digits === text.length,
  examples: { matches: ['123', '0456'], rejects: ['12', '12345', 'abc'] },
})
