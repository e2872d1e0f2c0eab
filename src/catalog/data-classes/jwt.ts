import { defineDataClass } from '../data-class.ts'

/** Three base64url parts of which the first is a JSON object (`eyJ` is `{"`), RFC 7519. */
const token = /^(?:Bearer )?eyJ[\w-]{8,2000}\.[\w-]{2,3000}\.[\w-]{0,2000}$/

export const jwt = defineDataClass({
  id: 'jwt',
  title: 'JSON Web Token',
  group: 'secret',
  sensitivity: 25,
  names: ['jwt', 'id token'],
  chance: 0.000001,
  immediate: true,
  shapes: ['code', 'text'],
  lengths: [20, 4096],
  test: ({ text }) => token.test(text),
  examples: {
    matches: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'],
    rejects: ['eyJ', 'a.b.c', 'eyJhbGciOiJIUzI1NiJ9', '1.2.3'],
  },
})
