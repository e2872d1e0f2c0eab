import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const line = '(?:[\\r\\n]|\\\\r\\\\n|\\\\n|\\\\r|%0d|%0a)\\s{0,3}'
const end = '\\s{0,3}(?:$|[\\r\\n]|\\\\r|\\\\n)'
const rule = (name: string, confidence: number, pattern: string): PatternRule => [
  name,
  confidence,
  new RegExp(line + pattern),
]

/** Lines of SMTP (RFC 5321), POP3 (RFC 1939) and IMAP (RFC 9051), and header fields of a message (RFC 5322), behind a line break. */
const rules: readonly PatternRule[] = [
  rule(
    'smtp',
    0.95,
    `(?:rcpt to:|mail from:|(?:helo|ehlo) [\\w.-]{1,64}|expn \\w|vrfy \\w|auth (?:plain|login|cram-md5)\\b)`,
  ),
  rule('smtp', 0.85, `(?:data|quit|rset|starttls)${end}`),
  rule('recipient', 0.93, `(?:b?cc|to|reply-to|from|return-path)\\s?(?::|%3a)\\s{0,3}[^\\r\\n@]{0,80}@`),
  rule(
    'message-header',
    0.85,
    `(?:subject|mime-version|content-transfer-encoding|x-mailer)\\s?(?::|%3a)\\s{0,3}\\S`,
  ),
  rule(
    'imap',
    0.93,
    `[a-z]{1,4}\\d{1,4} (?:capability|noop|logout|starttls|authenticate|login|select|examine|create|delete|rename|subscribe|unsubscribe|list|lsub|status|append|check|close|expunge|search|fetch|store|copy|uid)\\b`,
  ),
  rule('pop', 0.8, `(?:retr|list|dele|top|uidl) \\d{1,8}(?: \\d{1,8})?${end}`),
  rule('pop', 0.85, `(?:apop \\S{1,64} [\\da-f]{8,64}|auth \\S{1,32} \\S{8,}|(?:user|pass) \\S{1,64}\\r\\n)`),
]

export const mailInjection: PayloadGrammar = {
  kind: 'mail-injection',
  triggers: ['\r', '\n', '\\r', '\\n', '%0d', '%0a'],
  inspect: (_value, lower) => firstMatch('mail-injection', rules, lower),
  examples: {
    hits: [
      '\r\nQUIT\r\n',
      '\nRCPT TO: test@evil.example\n',
      'x@example.com\nBcc: many@example.com',
      '\r\nV100 CAPABILITY\r\nV101 FETCH 4791',
      'a%0aCc:b@example.com',
      '\r\nRETR 1',
    ],
    misses: [
      'Dear Bob,\r\n\r\nthanks.\r\nAlice',
      'List:\nlist 3 things',
      'a\nTo: the moon',
      'Note:\nData is here',
      'one\ntop 10 films of the year',
      'x\nUser manual',
    ],
  },
}
