import { defineDataClass } from '../data-class.ts'

export const password = defineDataClass({
  id: 'password',
  title: 'Password',
  group: 'secret',
  sensitivity: 30,
  // Recognised where capture replaced one; the word alone proves nothing about a value.
  names: ['password', 'passwd', 'passphrase', 'pwd'],
  never: [
    'policy',
    'reset',
    'strength',
    'expired',
    'expires',
    'changed',
    'required',
    'hint',
    'status',
    'type',
    'updated',
    'length',
    'rules',
    'url',
    'method',
    'enabled',
  ],
  needsName: true,
  lengths: [6, 128],
  chance: 0.5,
  recall: 0.9,
  test: ({ text }) =>
    text.length >= 6 &&
    text.length <= 128 &&
    !text.includes(' ') &&
    !/^(?:true|false|null|none|https?:.*)$/i.test(text),
  examples: { matches: ['Zx9-rain', 'correct-horse'], rejects: ['', 'true', 'a', 'please enter it'] },
})
