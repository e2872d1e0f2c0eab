import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** Text that sets a cookie in a browser, by script or by markup. */
const rules: readonly PatternRule[] = [
  [
    'cookie-by-script',
    0.9,
    /\.\s?cookie\s?=\s?["'`]?[^;]{1,120}|\.cookie\b[^\n]{0,80};\W{0,8}(?:expires|domain|path|max-age)\W{0,4}=/,
  ],
  ['cookie-by-markup', 0.92, /http-equiv\W{1,4}set-cookie/],
]

export const cookieSetting: PayloadGrammar = {
  kind: 'session-fixation',
  triggers: ['.cookie', '. cookie', 'set-cookie'],
  inspect: (_value, lower) => firstMatch('session-fixation', rules, lower),
  examples: {
    hits: [
      'document.cookie="sid=1"',
      "document.cookie='PHPSESSID=1; domain=.example.com'",
      '<meta http-equiv="Set-Cookie" content="sid=1">',
      '.cookie;expires=',
    ],
    misses: ['a cookie; path', 'cookies and cream', 'request.cookies', 'set cookie'],
  },
}
