import { BoundedMap } from '../kit/bounded-map.ts'

/** Words that make a name a secret's when they end it, and the class each stands for. */
const lastWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    password: 'password',
    passwd: 'password',
    passwort: 'password',
    pwd: 'password',
    passphrase: 'password',
    passcode: 'password',
    passw: 'password',
    pass: 'password',
    motdepasse: 'password',
    contrasena: 'password',
    psw: 'password',
    secret: 'secret',
    credential: 'secret',
    token: 'token',
    jwt: 'token',
    bearer: 'token',
    authorization: 'token',
    assertion: 'token',
    otp: 'otp',
    totp: 'otp',
    mfa: 'otp',
    pin: 'pin',
    cvv: 'cvv',
    cvv2: 'cvv',
    cvc: 'cvv',
    cvc2: 'cvv',
    csc: 'cvv',
    cvn: 'cvv',
    apikey: 'api-key',
    appkey: 'api-key',
    sid: 'session',
    sessid: 'session',
    phpsessid: 'session',
    jsessionid: 'session',
    sessionid: 'session',
    ticket: 'token',
  }),
)

/** The same for the last two words. */
const lastPairs: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'api key': 'api-key',
    'app key': 'api-key',
    'access key': 'secret',
    'secret key': 'secret',
    'private key': 'private-key',
    'signing key': 'secret',
    'encryption key': 'secret',
    'auth key': 'secret',
    'master key': 'secret',
    'account key': 'secret',
    'subscription key': 'api-key',
    'client key': 'api-key',
    'partner key': 'api-key',
    'consumer key': 'api-key',
    'ssh key': 'secret',
    'shared key': 'secret',
    'service key': 'secret',
    'session key': 'secret',
    'security code': 'cvv',
    'card code': 'cvv',
    'verification code': 'otp',
    'auth code': 'otp',
    'mfa code': 'otp',
    'otp code': 'otp',
    'totp code': 'otp',
    'sms code': 'otp',
    'recovery code': 'otp',
    'backup code': 'otp',
    'authorization code': 'otp',
    'code verifier': 'secret',
    'pin code': 'pin',
    'security answer': 'secret',
    'secret answer': 'secret',
    'session id': 'session',
    'sess id': 'session',
    'connection string': 'secret',
  }),
)

/** Names written without any boundary: what they end in. */
const gluedEndings: readonly (readonly [ending: string, what: string])[] = [
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['apikey', 'api-key'],
  ['secretkey', 'secret'],
  ['privatekey', 'private-key'],
  ['accesskey', 'secret'],
  ['clientsecret', 'secret'],
  ['accesstoken', 'token'],
  ['authtoken', 'token'],
  ['refreshtoken', 'token'],
  ['idtoken', 'token'],
  ['sessiontoken', 'token'],
  ['securitytoken', 'token'],
  ['usertoken', 'token'],
  ['bearertoken', 'token'],
  ['resettoken', 'token'],
  ['sessionid', 'session'],
  ['sessid', 'session'],
]

/** Words after the telling one that change nothing: `password_confirmation`, `tokenValue`, `password2`. */
const trailing = new Set([
  'confirm',
  'confirmation',
  'confirmed',
  'repeat',
  'repeated',
  'again',
  'retype',
  'verify',
  'value',
  'new',
  'old',
  'current',
  'text',
  'plain',
  'plaintext',
  'hash',
  'hashed',
  'digest',
  'encrypted',
  'raw',
  '1',
  '2',
  '3',
  'string',
  'b64',
  'base64',
  'hex',
  'field',
  'input',
])

/** Words before `token` or `pass` with which it is none: paging cursors, counters, boarding passes. */
const notBefore: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'token',
    new Set([
      'page',
      'next',
      'previous',
      'prev',
      'continuation',
      'sync',
      'cursor',
      'scroll',
      'max',
      'stop',
      'eos',
      'bos',
      'pad',
    ]),
  ],
  ['pass', new Set(['boarding', 'ski', 'season', 'day', 'bus', 'by', 'can', 'did', 'test'])],
  [
    'ticket',
    new Set([
      'support',
      'train',
      'bus',
      'flight',
      'event',
      'parking',
      'jira',
      'parent',
      'lottery',
      'season',
      'open',
      'sub',
    ]),
  ],
  ['mfa', new Set(['has', 'use', 'requires', 'require', 'enable', 'is'])],
])
/** Alone these say too little. */
const neverAlone = new Set(['ticket', 'mfa', 'assertion'])

const words = (name: string): string[] => {
  const out: string[] = []
  let word = ''
  let previous = 0 // 0 boundary, 1 lower or digit, 2 upper
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    const upper = code >= 65 && code <= 90
    const lower = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127
    if (!upper && !lower) {
      if (word !== '') out.push(word)
      word = ''
      previous = 0
      continue
    }
    const next = name.charCodeAt(index + 1)
    const startsWord = upper && (previous === 1 || (previous === 2 && next >= 97 && next <= 122))
    if (startsWord && word !== '') {
      out.push(word)
      word = ''
    }
    word += upper ? String.fromCharCode(code + 32) : name[index]
    previous = upper ? 2 : 1
  }
  if (word !== '') out.push(word)
  return out
}

/** Names are compared without case and separators: `API-Key`, `api_key` and `apiKey` are one name. */
export const foldName = (name: string): string => words(name).join('')

const decide = (name: string): string | undefined => {
  const parts = words(name)
  while (parts.length > 1 && trailing.has(parts[parts.length - 1]!)) parts.pop()
  const numbered = parts[parts.length - 1]
  if (numbered === undefined) return undefined
  const last = lastWords.has(numbered) ? numbered : numbered.replace(/\d+$/, '')
  const before = parts[parts.length - 2]
  if (before !== undefined) {
    const pair = lastPairs.get(`${before} ${last}`)
    if (pair !== undefined) return pair
  }
  const word = lastWords.get(last)
  if (word !== undefined) {
    if (before === undefined) return neverAlone.has(last) ? undefined : word
    return notBefore.get(last)?.has(before) === true ? undefined : word
  }
  if (last.length > 6) for (const [ending, what] of gluedEndings) if (last.endsWith(ending)) return what
  return undefined
}

const longestName = 128
const cacheEntries = 8_192

/**
 * Which class of secret a field of this name holds (`password`, `token`, `secret`, `api-key`, `otp`, `pin`, `cvv`, `session`,
 * `private-key`), or undefined. The name is split into words (camelCase, snake_case, kebab-case, dotted); the last
 * words decide, so `token_type`, `max_tokens` and `passwordChangedAt` hold none. Names beyond 128 characters are cut to
 * their end. Answers are remembered for the 8,192 names used last.
 */
export class SecretNames {
  readonly #seen = new BoundedMap<string, string>(cacheEntries)
  readonly #extra: ReadonlySet<string>

  /** `extra`: further names that hold secrets, as class `field`. */
  constructor(extra: readonly string[] = []) {
    this.#extra = new Set(extra.map(foldName))
  }

  classOf(name: string): string | undefined {
    const key = name.length > longestName ? name.slice(-longestName) : name
    const seen = this.#seen.peek(key)
    if (seen !== undefined) return seen === '' ? undefined : seen
    const what = decide(key) ?? (this.#extra.size > 0 && this.#extra.has(foldName(key)) ? 'field' : undefined)
    this.#seen.set(key, what ?? '')
    return what
  }
}
