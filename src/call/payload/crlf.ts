import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const names =
  'set-cookie|location|content-type|content-length|content-disposition|transfer-encoding|x-[a-z-]{2,40}|refresh|access-control-[a-z-]{2,40}|host|link|status|http-equiv|cookie|referer|user-agent|authorization'

const rules: readonly PatternRule[] = [
  [
    'header',
    0.95,
    new RegExp(
      `(?:[\\r\\n]|\\\\r\\\\n|\\\\n|%0d|%0a|\\u560d|\\u560a|%e5%98%8[ad])[\\t ]*(?:${names})[\\t ]?(?::|%3a)`,
    ),
  ],
  [
    'status-line',
    0.96,
    /(?:[\r\n]|\\r\\n|%0d%0a)\s?(?:http\/[\d.]{1,3}\s\d{3}|(?:get|post|put|delete|head|options)\s\S{1,200}\shttp\/\d)/,
  ],
]

export const crlfInjection: PayloadGrammar = {
  kind: 'crlf-injection',
  triggers: ['\r', '\n', '\\r', '\\n', '%0d', '%0a', 'set-cookie', '%e5'],
  inspect: (_value, lower) =>
    firstMatch('crlf-injection', rules, lower) ??
    (/^\W{0,4}set-cookie\s?:/.test(lower)
      ? { kind: 'crlf-injection', rule: 'header', confidence: 0.75 }
      : undefined),
  examples: {
    hits: [
      'x\r\nSet-Cookie: a=b',
      '\nLocation: https://evil.example',
      'a\r\n\r\nHTTP/1.1 200 OK',
      '%0d%0aSet-Cookie:crlf=injection',
    ],
    misses: [
      'line one\nline two',
      'Dear Bob,\r\n\r\nthanks.\r\nAlice',
      'Name: x\nNote: y',
      'a\nHostel: 5',
      'dir\\new',
    ],
  },
}
