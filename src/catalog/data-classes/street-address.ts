import { defineDataClass } from '../data-class.ts'

export const streetAddress = defineDataClass({
  id: 'street-address',
  title: 'Street address',
  group: 'pii',
  sensitivity: 10,
  names: [
    'street',
    'street address',
    'address line',
    'address1',
    'address 1',
    'address2',
    'line1',
    'line 1',
    'billing address',
    'shipping address',
    'home address',
    'postal address',
    'address',
  ],
  needsName: true,
  chance: 0.1,
  recall: 0.9,
  // A number and a word: enough beside a name that says address, and not an IP address or a blockchain's.
  test: ({ text, digits, letters }) =>
    digits >= 1 &&
    letters >= 4 &&
    digits <= letters &&
    text.length >= 6 &&
    text.length <= 160 &&
    /[ ,]/.test(text) &&
    !/[@:{}<>=]/.test(text),
  examples: {
    matches: ['12 High Street', 'Hauptstraße 5, 10115 Berlin', '221b Baker St'],
    rejects: ['192.168.0.1', '0x52908400098527886E0F7030069857D2E4169EE7', 'Berlin', 'https://x.example/1 2'],
  },
})
