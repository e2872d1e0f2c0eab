import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../test/support/cpu-time.ts'
import { redactText } from './redact-text.ts'
import { Redactor } from './redactor.ts'
import { SecretNames } from './secret-name.ts'
import { findSecrets } from './secret-value.ts'

const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
const shown = (text: string) => redactText(text, redactor).replace(/:[0-9a-f]{12}\]/g, ']')

describe('redactText', () => {
  it('finds named values in the forms they are written in', () => {
    const rows: [string, string][] = [
      ['password=hunter2&x=1', 'password=[redacted:password]&x=1'],
      ['{"password": "hunt\\"er2", "x": 1}', '{"password": "[redacted:password]", "x": 1}'],
      ['{\\"password\\":\\"hunter2\\"}', '{\\"password\\":\\"[redacted:password]\\"}'],
      ["api_key: 'abc'", "api_key: '[redacted:api-key]'"],
      ['<Password>hunter2</Password>', '<Password>[redacted:password]</Password>'],
      ['Authorization: Bearer abc.def', 'Authorization: Bearer [redacted:token]'],
      ['postgres://app:s3cret@db/shop', 'postgres://app:[redacted:password]@db/shop'],
      ['token=AKIA1234567890ABCDEF;', 'token=[redacted:aws-key];'],
      ['-----BEGIN RSA PRIVATE KEY-----\nAAA\n-----END RSA PRIVATE KEY-----', '[redacted:private-key]'],
      ['token_type=bearer&expires=5', 'token_type=bearer&expires=5'],
      ['{"password": true, "token": null}', '{"password": true, "token": null}'],
      ['the password is long', 'the password is long'],
      ['', ''],
    ]
    for (const [text, expected] of rows) expect(shown(text)).toBe(expected)
    expect(rows.length).toBe(13)
  })

  it('changes nothing the second time', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        'password',
        'token',
        '=',
        ':',
        '"',
        "'",
        '\\',
        '<',
        '>',
        '</',
        '&',
        ' ',
        'Bearer ',
        '://',
        '@',
        'eyJhbGciOi.',
        'abc',
        '[redacted:x:0123456789ab]',
        '[redacted:',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), pieces => {
        const once = redactText(pieces.join(''), redactor)
        expect(redactText(once, redactor)).toBe(once)
      }),
      { numRuns: 3_000, examples: [[['://', 'eyJhbGciOi.', '.', '@']]] },
    )
  })

  it('takes time in proportion to the text', () => {
    const nasty = ['"password', '<token>', 'password=', 'a:', '://', 'eyJ.', '-----BEGIN ', '\\"']
    const took = cpuMs(() => {
      for (const piece of nasty) redactText(piece.repeat(100_000), redactor)
    })
    // Eight texts of up to a megabyte; a quadratic pass would take minutes.
    expect(took).toBeLessThan(10_000)
  })
})

describe('SecretNames', () => {
  it('knows names by their last words', () => {
    const names = new SecretNames(['Membership-No'])
    const secret = [
      'password',
      'newPassword',
      'password_confirmation',
      'PASSWORD2',
      'user.password',
      'apiKey',
      'X-API-Key',
      'accesstoken',
      'authToken',
      'client_secret',
      'secret',
      'otp',
      'smsCode',
      'pin',
      'CVV',
      'cardCvc',
      'PHPSESSID',
      'sessionId',
      'aws_secret_access_key',
      'privateKey',
      'membershipNo',
    ]
    const open = [
      'token_type',
      'max_tokens',
      'tokens',
      'nextPageToken',
      'passwordChangedAt',
      'password_reset_required',
      'shipping',
      'pinned',
      'key',
      'keyword',
      'author',
      'id',
      'code',
      'zipCode',
      'passenger',
      'boardingPass',
      'secretary',
      'compass',
      '',
    ]
    for (const name of secret) expect([name, names.classOf(name) !== undefined]).toEqual([name, true])
    for (const name of open) expect([name, names.classOf(name)]).toEqual([name, undefined])
    expect([secret.length, open.length]).toEqual([21, 19])
  })
})

describe('findSecrets', () => {
  it('knows the forms of vendors, and nothing shorter', () => {
    const rows: [string, string | undefined][] = [
      ['AKIAIOSFODNN7EXAMPLE', 'aws-key'],
      ['AKIAIOSFODNN7EXAMPLEX', undefined],
      [`ghp_${'a1'.repeat(18)}`, 'github-token'],
      ['ghp_short', undefined],
      [`see glpat-${'x'.repeat(20)}, please`, 'gitlab-token'],
      [`AIza${'b'.repeat(35)}`, 'google-key'],
      ['sk-ant-api03-abcdefghijklmnop', 'anthropic-key'],
      [`whoxoxb-${'1'.repeat(12)}`, undefined],
      ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'jwt'],
      ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0', undefined],
      ['https://example.com/a@b', undefined],
    ]
    for (const [text, what] of rows) expect([text, findSecrets(text)[0]?.what]).toEqual([text, what])
    expect(rows.length).toBe(11)
  })

  it('leaves the full stop after a token to its sentence', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
    expect(findSecrets(`It is ${jwt}. Keep it.`)).toEqual([{ start: 6, end: 6 + jwt.length, what: 'jwt' }])
  })
})
