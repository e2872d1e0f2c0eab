import { defineDataClass } from '../data-class.ts'
import { isVendorSecret } from './reference/vendor-secrets.ts'

export const secret = defineDataClass({
  id: 'secret',
  title: 'Key, secret or token',
  group: 'secret',
  sensitivity: 30,
  // Told by the form that its issuer gave it; what only the name tells is the class of generic secrets.
  names: ['connection string', 'database url', 'dsn'],
  chance: 0.000001,
  immediate: true,
  distinct: 1,
  shapes: ['code', 'text'],
  lengths: [14, 4096],
  test: ({ text }) => isVendorSecret(text),
  examples: {
    matches: [
      `AKIA${'QYLPMN5HFIQR7XYA'}`,
      `glpat-${'k8Zt3vQ1xWn5Rb7LmP2d'}`,
      'mongodb+srv://app:t0ps3cret@db.shop.example/orders',
      `-----BEGIN ${'RSA'} PRIVATE KEY-----\nMIIEpQIBAAKCAQEAn6/O8li+SX4m98LLYt/PKSzEmQ++`,
    ],
    rejects: [
      'AKIA',
      `AKIA${'IOSFODNN7EXAMPLE'}`,
      'sk_live_',
      `ghp_${'a1'.repeat(18)}`,
      'https://shop.example/a:b',
      'https://shop.example/orders',
      'password',
    ],
  },
})
