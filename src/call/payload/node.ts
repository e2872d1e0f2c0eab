import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'
import { isProse } from './prose.ts'

const kind = 'node-injection'

/** Code that runs on the server in JavaScript, Python, Ruby or Perl. */
const rules: readonly PatternRule[] = [
  [
    'module',
    0.85,
    /\bmodule\.exports\s?=|\bprocess\s?\[|:constructor:constructor|:module:prototype|"?\$\d{1,2}:[a-z_]{1,32}:(?:prototype|constructor)/,
  ],
  [
    'import',
    0.95,
    /__import__\s?\(|\brequire\s?[([]\s?["'`]?(?:child_process|fs|net|os|vm|http|module|util|req\b|process)|\bimport\s?\(\s?["'`]/,
  ],
  [
    'process',
    0.93,
    /\bprocess\s?(?:\.|\[["'`])(?:mainmodule|binding|env|exit|kill|spawn|exec|dlopen|cwd\(|version)|\bglobal(?:this)?\.(?:process|require)|\bchild_process\b/,
  ],
  [
    'module-call',
    0.93,
    /(?:^|[^\w.])(?:os|subprocess|commands|pty|child_process|kernel|io|popen2?|shutil|pickle|sys)\.(?:system|popen|exec[a-z]*|spawn[a-z]*|call|run|check_output|fork|getoutput|loads|modules|exit)\s?[(\s]/,
  ],
  [
    'evaluated-code',
    0.92,
    /\bnew\s+function\s?\(|\bthis\.constructor\b|\.constructor\.constructor|__js_function|\bvm\.run\w{0,20}\(|\bcompile\(\s?["'][^"']{1,80}["'],\s?["']/,
  ],
  ['interpolated-list', 0.93, /@\s?\{\s?\[\s?(?:!|[a-z])|@\{\s{0,16}\[\s{0,16}[a-z]/],
  [
    'ruby-call',
    0.9,
    /#\{\s?(?:`|%x|system|exec|io\.|file\.|open\(|kernel)|%x[{([|]\s?\w|\bkernel\.(?:system|exec|open)|\bio\.popen|\bfile\.(?:open|read|write)\(\s?["']/,
  ],
  ['perl-call', 0.88, /\bqx[{([/|]\s?\w|\buse\s+socket;|\bexec\s?\{|\bopen\s?\(?\s?\w{1,16}\s?,\s?["'][|<>]/],
  ['endless-loop', 0.9, /\bfor\s?\(\s?;\s?;\s?\)/],
]

/** What needs to stand where code would: at the beginning of the value or of a statement. */
const statements: readonly PatternRule[] = [
  ['console', 0.6, /(?:^|[;{(=,]\s?)console\s?(?:\.|\[["'`])(?:log|info|error|warn|debug|dir|trace|table)/],
  [
    'evaluated-code',
    0.8,
    /(?:^|[;{(=,"'+]\s?)(?:eval|exec|compile|execfile|settimeout|setinterval|setimmediate)\s?\(\s?(?:["'`(]|\w{1,40}[.(])/,
  ],
  ['response', 0.8, /\bres(?:ponse)?\.(?:end|send|write|json)\s?\(\s?(?:["'`]|require|process|global)/],
  ['function', 0.45, /(?:^|[=(:,]\s?)(?:async\s)?function\s?\w{0,40}\s?\([^)]{0,80}\)\s?\{/],
]

/** Made of constants alone: the loop ends never, or its body never runs. */
const constants = /""|''|``|\{\}|\[\]|\b(?:true|false|null|undefined|nan|infinity|this|void|0x[\da-f]+)\b/g
const isConstant = (condition: string): boolean =>
  /^[\s!~+\-*/|&<>=\d.()]*$/.test(condition.replace(constants, '0'))

function constantLoop(lower: string): boolean {
  let tried = 0
  for (let at = lower.indexOf('while'); at >= 0 && tried < 16; at = lower.indexOf('while', at + 5)) {
    tried += 1
    const found = /^while\s?\(([^;]{1,48}?)\)\s?(?:[;{)]|$)/.exec(lower.slice(at, at + 64))
    if (found !== null && isConstant(found[1]!)) return true
  }
  return false
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const found = firstMatch(kind, rules, lower)
  if (found !== undefined)
    return isProse(lower) ? { ...found, confidence: Math.min(found.confidence, 0.45) } : found
  if (constantLoop(lower)) return { kind, rule: 'endless-loop', confidence: isProse(lower) ? 0.4 : 0.88 }
  const statement = firstMatch(kind, statements, lower)
  return statement === undefined || !isProse(lower) ? statement : { ...statement, confidence: 0.3 }
}

export const nodeInjection: PayloadGrammar = {
  kind,
  triggers: [
    '__import__',
    'require',
    'import',
    'process',
    'global',
    'child_process',
    'os.',
    'subprocess',
    'commands.',
    'pty.',
    'kernel',
    'io.',
    'popen',
    'shutil',
    'pickle',
    'sys.',
    'function',
    'constructor',
    '__js',
    'vm.run',
    'compile',
    '@{',
    '@ {',
    '#{',
    '%x',
    'file.',
    'qx',
    'use socket',
    'exec',
    'open',
    'for(',
    'for (',
    'console',
    'eval',
    'settimeout',
    'setinterval',
    'setimmediate',
    'res.',
    'module',
    ':constructor',
    'response.',
    'while',
  ],
  inspect,
  examples: {
    hits: [
      "require('child_process').exec('id')",
      "__import__('os').system('id')",
      'process.mainModule.require("fs")',
      "@{[system 'id']}",
      '#{`id`}',
      'new Function ("x")',
      'while(!"");',
      "res.end(require('fs').readdirSync('.').toString())",
      'console.log(1)',
      "subprocess.check_output('id')",
    ],
    misses: [
      'we require a deposit',
      'the process (new) is open',
      'a while (long) ago',
      'import and export',
      'Open (Mon-Fri)',
      'os.example',
      'for (example)',
      'execute the plan',
      'global warming',
    ],
  },
}
