import { defineDataClass } from '../data-class.ts'

const address = /^[\w.!#$%&'*+/=?^`|~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}([A-Za-z]{2,24})$/
/** What `logo@2x.png` ends in: files, not domains. */
const fileEndings = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'svg',
  'webp',
  'css',
  'js',
  'ts',
  'json',
  'html',
  'map',
  'txt',
  'local',
  'internal',
])
/** Reserved by RFC 2606 for documentation and tests, and what people type instead. */
const reserved = /@(?:[a-z0-9-]{1,63}\.){0,3}(?:example\.(?:com|org|net)|test\.com|test|invalid|localhost)$/i

export const email = defineDataClass({
  id: 'email',
  title: 'E-mail address',
  group: 'pii',
  sensitivity: 12,
  names: [
    'email',
    'e mail',
    'mail',
    'email address',
    'correo',
    'correo electronico',
    'courriel',
    'posta elettronica',
    'epost',
    'sahkoposti',
    'eposta',
    'mailadresse',
  ],
  chance: 0.001,
  shapes: ['code', 'text'],
  lengths: [6, 254],
  test: ({ text }) => {
    if (!text.includes('@')) return false
    const found = address.exec(text)
    return found !== null && !fileEndings.has(found[1]!.toLowerCase())
  },
  testValue: ({ text }) => reserved.test(text),
  examples: {
    matches: ['anna@shop.example', 'o.connor+news@mail.shop.example', 'a_b@x.io'],
    rejects: ['anna@shop', '@anna', 'anna at shop.example', 'git@host:repo.git', 'a@b.1', 'logo@2x.png'],
  },
})
