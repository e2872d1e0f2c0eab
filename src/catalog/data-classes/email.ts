import { defineDataClass } from '../data-class.ts'

const address = /^[\w.!#$%&'*+/=?^`|~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}$/

export const email = defineDataClass({
  id: 'email',
  title: 'E-mail address',
  group: 'pii',
  sensitivity: 12,
  names: ['email', 'e mail', 'mail', 'email address'],
  chance: 0.001,
  test: ({ text }) => text.length <= 254 && text.includes('@') && address.test(text),
  examples: {
    matches: ['anna@shop.example', 'o.connor+news@mail.shop.example', 'a_b@x.io'],
    rejects: ['anna@shop', '@anna', 'anna at shop.example', 'git@host:repo.git', 'a@b.1'],
  },
})
