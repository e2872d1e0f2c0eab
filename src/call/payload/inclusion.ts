import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'file-inclusion'

const script = '(?:php\\d?|phtml|jspx?|aspx?|cfm|pl|py|sh|txt|dat|gif\\?|ico\\?)'

const rules: readonly PatternRule[] = [
  [
    'stream-wrapper',
    0.95,
    /(?:^|[=\s'"(])(?:php|phar|expect|zip|glob|zlib|bzip2|compress\.(?:zlib|bzip2)|rar|ogg|ssh2(?:\.\w{3,6})?):\/\/(?!\/?$)/,
  ],
  [
    'inline-data',
    0.7,
    /(?:^|[=\s'"(])data:(?:text\/(?:plain|html|javascript|xml)|application\/(?:x-httpd-php|x-php|javascript|octet-stream)|;base64|,)/,
  ],
  [
    'remote-script',
    0.75,
    new RegExp(
      `^\\s?(?:https?|ftps?)://(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[\\da-f:]{3,40}\\]|[\\da-f]{1,4}(?::[\\da-f]{0,4}){3,7})(?::\\d{1,5})?/[^\\s?#]{0,200}\\.${script}(?:$|[?#&%])`,
    ),
  ],
  [
    'cut-extension',
    0.7,
    /^\s?(?:https?|ftps?|file):\/\/[^\s?#]{1,255}\?{1,3}$|^\s?(?:https?|ftps?):\/\/[^\s?#]{1,255}(?:%00|\0|%2500)/,
  ],
  ['numeric-remote', 0.55, /^\s?ftps?:\/\/(?:\d{1,3}\.){3}\d{1,3}/],
]

/** Any other address: that of a page, more often than not. What was learned of the field tells. */
const remote = /^\s?(?:https?|ftps?|\/\/)[:/][^\s]{3,}$/

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const hit = firstMatch(kind, rules, lower)
  if (hit !== undefined) return hit
  return remote.test(lower) ? { kind, rule: 'remote-address', confidence: 0.2 } : undefined
}

export const fileInclusion: PayloadGrammar = {
  kind,
  triggers: ['://', 'data:', '//'],
  inspect,
  examples: {
    hits: [
      'php://filter/read=convert.base64-encode/resource=index.php',
      'phar://./upload.jpg/x',
      'expect://id',
      'data:text/plain;base64,PD9waHAgcGhwaW5mbygpOw==',
      'http://198.51.100.7/shell.php',
      'http://evil.example/cmd?',
    ],
    misses: [
      'https is safe',
      'data:image/png;base64,iVBORw0KGgo=',
      'data: text',
      'see http and ftp',
      'zip code',
      'php manual',
    ],
  },
}
