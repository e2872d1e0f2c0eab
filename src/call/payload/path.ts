import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'path-traversal'

/** Files and schemes that only someone looking around asks for. */
const targets: readonly PatternRule[] = [
  [
    'system-file',
    0.95,
    /(?:^|[\s/\\:=;|'"])etc[/\\]+(?:\.[/\\]+)*(?:passwd|shadow|group|hosts|issue|fstab|crontab|sudoers|motd|resolv\.conf|ssh|nginx|apache2?|httpd|my\.cnf|mysql|php|environment|hostname|os-release|profile|rc\.d|security|master\.passwd)\b/,
  ],
  [
    'process-file',
    0.95,
    /[/\\]proc[/\\]+(?:self|version|cmdline|cpuinfo|\d+|mounts|net|environ|interrupts|sys|meminfo|modules|kcore|kallsyms)\b|(?:^|[\s=;|'"])\/sys\/(?:class|kernel|devices|fs|module|firmware|hypervisor)\b/,
  ],
  [
    'windows-file',
    0.93,
    /(?:boot|win|system|desktop)\.ini\b|[a-z]:[/\\]+(?:windows|winnt|inetpub|boot\.ini|autoexec)|[/\\](?:windows|winnt)[/\\]+(?:system32|win\.ini|system\.ini|repair|php\.ini)|global\.asax?\b|ntuser\.dat/,
  ],
  ['unc-path', 0.88, /^[/\\]{2,4}[^/\\\s]{1,255}[/\\]{1,2}[a-z]\$(?:$|[/\\])/],
  [
    'application-file',
    0.92,
    /(?:web|meta)-inf(?:[/\\]|web\.xml|$)|web\.xml\b|(?:^|[/\\])\.(?:git|svn|hg|docker|claude|cursor|env|htaccess|htpasswd|ssh|aws|bash_history|ds_store|npmrc|dockerenv|bashrc|profile|mysql_history|kube)(?:$|[/\\?.])|wp-config\.php|id_rsa\b|(?:^|[/\\])web\.config\b/,
  ],
  ['windows-folder', 0.4, /^[a-z]:[/\\]+(?:program files|users|documents and settings|programdata|temp)\b/],
  ['redirected-output', 0.75, /(?:^|[\s\w)'"])>{1,2}\s?\/(?:tmp|var|etc|home|root|dev|usr|opt)\/[\w.-]/],
  ['dot-file', 0.8, /\.\.[/\\]\.[a-z]\w{2,}/],
  [
    'file-scheme',
    0.92,
    /(?:^|[=\s'"(])(?:file|netdoc|jar|phar|php|zip|glob|expect|ogg|rar|ssh2|zlib|data):(?:\/\/|\\\\)(?!\/?$)|compress\.(?:zlib|bzip2):\/\/|php:\/\/(?:input|filter)/,
  ],
  [
    'log-file',
    0.88,
    /[/\\]var[/\\]+(?:log|www|lib|run|spool|mail|backups)[/\\]|[/\\](?:root|home[/\\]\w+)[/\\]\.\w/,
  ],
]

/** Dots and slashes as double-encoded or overlong text that decoding left standing. */
const encoded: readonly PatternRule[] = [
  [
    'encoded-traversal',
    0.93,
    /(?:0x2e|%2e|%c0%ae|\.)(?:0x2e|%2e|%c0%ae|\.)(?:0x2f|0x5c|%2f|%5c|%c0%af|%c1%9c|%u221[56])/,
  ],
  ['encoded-traversal', 0.9, /(?:0x2e){2,}|(?:%c0%ae){2}|%u002e%u002e/],
  ['dot-segments', 0.75, /(?:\/{1,4}\.){2,8}\//],
  ['null-byte', 0.85, /(?:\0|%00)(?:\.[a-z]{2,5}|\/|\\|$)/],
]

function inspect(value: string, lower: string): PayloadHit | undefined {
  const file = firstMatch(kind, targets, lower) ?? firstMatch(kind, encoded, lower)
  if (file !== undefined && file.confidence >= 0.93) return file
  let climbs = 0
  let odd = 0
  let slashes = 0
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === 47 || code === 92) {
      slashes += 1
      continue
    }
    const before = index === 0 ? 47 : value.charCodeAt(index - 1)
    if (code !== 46) {
      if (slashes >= 3 && before !== 58 && value.charCodeAt(index - slashes - 1) !== 58 && code > 32)
        odd += code === 123 || slashes > 4 ? 1 : 0
      slashes = 0
      continue
    }
    let end = index
    while (value.charCodeAt(end) === 46) end += 1
    const after = value.charCodeAt(end)
    const starts =
      before === 47 || before === 92 || index === 0 || before === 61 || before === 59 || before === 0
    const ends = after === 47 || after === 92
    if (end - index === 2 && ends && starts) climbs += 1
    else if (end - index === 2 && ends) odd += 0.5
    else if (end - index > 2 && ends && starts) odd += 1
    else if (end - index >= 2 && (before === 47 || before === 92) && end < value.length) odd += 1
    else if (end - index === 2 && index > 0 && starts && Number.isNaN(after)) climbs += 1
    index = end - 1
    slashes = 0
  }
  if (climbs >= 2) return { kind, rule: 'dot-dot', confidence: 0.96 }
  if (file !== undefined) return file
  if (climbs === 1 && odd > 0) return { kind, rule: 'dot-dot', confidence: 0.9 }
  if (climbs === 1 && /[/\\]\.\.[/\\]|\.\.\\/.test(value) && !value.includes('://'))
    return { kind, rule: 'dot-dot', confidence: 0.75 }
  if (odd >= 1 && !/\s/.test(value)) return { kind, rule: 'odd-segments', confidence: 0.75 }
  return undefined
}

export const pathTraversal: PayloadGrammar = {
  kind,
  triggers: [
    '..',
    'etc/',
    '/sys/',
    '>/',
    'etc\\',
    '0x2e',
    '%2e',
    '%c0',
    '%u',
    '-inf',
    '.ini',
    'proc/',
    ':/',
    ':\\',
    '/.',
    '\\',
    '.asa',
    'web.xml',
    'web.config',
    'ntuser',
    '.php',
    'id_rsa',
    '/var/',
    '/root',
    '/home',
    '\0',
    '%00',
    '///',
    '.git',
    '.env',
    '.ht',
    '.ssh',
    '.aws',
    '.svn',
  ],
  inspect,
  examples: {
    hits: [
      '../../etc/passwd',
      '/static/img/../../etc/passwd',
      '..\\..\\windows\\win.ini',
      '....//....//etc/passwd',
      '/0x2e0x2e0x2f0x2e0x2e0x2fx',
      'file:///etc/./passwd',
      '/../web-inf/web.xml',
      'd:/inetpub/wwwroot/global.asa',
      '/.../.../x',
      '/.//././/./x',
      '/proc/self/environ',
      'php://filter/read=x',
      '/.git/config',
      '\\\\::1\\c$\\users',
    ],
    misses: [
      'wait... what?',
      'and so on...',
      '1..5',
      './img/logo.png',
      'https://example.com/a/b',
      'C# and F#',
      'etc. and more',
      'a/b/c',
      '../logo.png',
      '12/05/2026',
      'version 1.2..3',
      'see https://example.com/a/../b',
      'http://example.com///',
      'C:',
      'and/or',
      'either.../or',
      'file name',
    ],
  },
}
