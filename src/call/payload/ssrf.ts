import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const rules: readonly PatternRule[] = [
  [
    'metadata-service',
    0.97,
    /169\.254\.169\.254|metadata\.(?:google\.internal|azure\.com|packet\.net)|100\.100\.100\.200|169\.254\.170\.2|\[?fd00:ec2::254|[./]nip\.io|0xa9fea9fe|2852039166/,
  ],
  ['inner-scheme', 0.95, /(?:^|[=\s'"(])(?:gopher|dict|ldaps?|tftp|sftp|jar|netdoc|smb):\/\//],
  [
    'loopback',
    0.9,
    /^\s?(?:https?|ftp|wss?):\/{0,3}(?:[^/\s@]{0,64}@)?(?:localhost|127(?:\.\d{1,3}){1,3}|0\.0\.0\.0|0|\[::(?:1|ffff:[\d.a-f:]+)?\]|0x7f[\da-f.x]*|017700000001|2130706433|localtest\.me|127\.1)(?:[:/?#]|$)/,
  ],
  [
    'numeric-host',
    0.85,
    /^\s?https?:\/\/(?:[^/\s@]{0,64}@)?(?:\d{8,10}|0x[\da-f]{8}|0\d{1,3}\.0\d{1,3}\.[\d.]+)(?:[:/?#]|$)/,
  ],
  [
    'interaction-host',
    0.95,
    /\.(?:oast\.(?:me|fun|pro|live|site|online)|burpcollaborator\.net|interact\.sh|oastify\.com|requestbin\.net|dnslog\.cn|ceye\.io|bxss\.me|ngrok\.io)\b/,
  ],
]

export const serverSideRequest: PayloadGrammar = {
  kind: 'ssrf',
  triggers: [
    '://',
    '169.254',
    'metadata.',
    '100.100.100.200',
    'fd00:ec2',
    'http:',
    '0xa9fe',
    '2852039166',
    '.oast',
    'burpcollab',
    'interact.sh',
    'oastify',
    'requestbin',
    'dnslog',
    'bxss',
  ],
  inspect: (_value, lower) => firstMatch('ssrf', rules, lower),
  examples: {
    hits: [
      'http://169.254.169.254/latest/meta-data/',
      'http://localhost:8080/admin',
      'gopher://127.0.0.1:6379/_x',
      'http://[::1]/',
      'http://2130706433/',
      'http://x.burpcollaborator.net',
      'http://127.1/',
    ],
    misses: [
      'https://example.com/x',
      'http://localhostess.example/',
      'see http://example.com/?n=10.0.0.1',
      '10.0.0.1',
      'https://api.shop.example:8443/v1',
      'mailto:a@example.com',
    ],
  },
}
