import { defineDataClass } from '../data-class.ts'

/** Forms that vendors give their keys so that they can be found. */
const vendor = [
  /^(?:AKIA|ASIA)[0-9A-Z]{16}$/,
  /^gh[pousr]_[A-Za-z0-9]{36,255}$/,
  /^github_pat_[A-Za-z0-9_]{40,255}$/,
  /^glpat-[\w-]{20,64}$/,
  /^xox[abposr]-[A-Za-z0-9-]{10,250}$/,
  /^(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}$/,
  /^AIza[\w-]{35}$/,
  /^ya29\.[\w-]{20,500}$/,
  /^sk-(?:ant|proj)-[\w-]{20,300}$/,
  /^hf_[A-Za-z0-9]{30,64}$/,
  /^npm_[A-Za-z0-9]{36}$/,
  /^SG\.[\w-]{16,64}\.[\w-]{16,64}$/,
  /^dop_v1_[0-9a-f]{64}$/,
  /^-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----/,
  /^[a-z][a-z0-9+]{2,20}:\/\/[^:@/\s]{1,64}:[^:@/\s]{1,128}@[^\s]{1,255}$/,
]

export const secret = defineDataClass({
  id: 'secret',
  title: 'Key, secret or token',
  group: 'secret',
  sensitivity: 30,
  names: ['secret', 'api key', 'apikey', 'access key', 'private key', 'client secret'],
  chance: 0.000001,
  immediate: true,
  test: ({ text }) => text.length >= 16 && vendor.some(form => form.test(text)),
  examples: {
    matches: [
      `AKIA${'ABCDEFGHIJKLMNOP'}`,
      `ghp_${'a1'.repeat(18)}`,
      'mongodb+srv://app:pw@db.shop.example/orders',
      `-----BEGIN ${'RSA'} PRIVATE KEY-----\nMII`,
    ],
    rejects: ['AKIA', 'sk_live_', 'https://shop.example/a:b', 'https://shop.example/orders', 'password'],
  },
})
