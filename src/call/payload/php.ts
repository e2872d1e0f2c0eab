import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'
import { functionFamily, hostileFunctions, plainFamily, shortFunctions } from './php-functions.ts'
import { isProse } from './prose.ts'

const kind = 'php-injection'

const rules: readonly PatternRule[] = [
  [
    'tag',
    0.95,
    /<\?(?:php\b|=|\s*$|\s+(?!xml)[a-z$@/#])|[[{][\\/]?php[\]}]|<\?xml\s{0,4}:|<script\s[^>]{0,60}language\s?=\s?["']?php/,
  ],
  [
    'superglobal',
    0.93,
    /\$_(?:get|post|request|cookie|server|files|session|env)\b|\$globals\b|\$http_\w{3,16}_vars\b/,
  ],
  ['computed-variable', 0.9, /\$\{\s?@?[a-z_]{2,40}\(|\$\{\s?["'][^"'}]{1,80}["']\s?\}\s?[([]/],
  [
    'ini-directive',
    0.85,
    /\b(?:allow_url_(?:include|fopen)|auto_(?:prepend|append)_file|disable_functions|open_basedir|safe_mode|suhosin\.[\w.]{1,60}|cgi\.force_redirect|session\.save_path|unserialize_max_depth|memory_limit|max_execution_time|error_log|extension_dir|zend_extension|opcache\.\w{3,60}|mbstring\.\w{3,60})\s?=/,
  ],
  [
    'string-call',
    0.88,
    /(?:"[a-z_]{2,40}"|'[a-z_]{2,40}'|\(\s?(?:string\s?\)\s?)?["']?[a-z_.]{2,40}["']?\s?\)|\[\s?["']?[a-z_]{2,40}["']?\s?\](?:\s?[[{]\s?\d\s?[\]}])?|\}\s?)\)?\s?\(\s?["'$][^"']{0,80}["']?\s?\)\s?;?\s?$/,
  ],
  [
    'string-call',
    0.8,
    /(?:"\s{0,4}[a-z_]{3,40}\s{0,4}"|\([a-z_"\s]{3,40}\)|\(\[["'][a-z_]{3,40}["']\]\)(?:\[\d\])?|\[\s?["']?[a-z_]{3,40}["']?\s?\]\s?\[\s?\d\s?\]|\[\d\])\(\s?["']?\w{1,40}["']?\s?\)\s?;?(?:\s?$|\.)/,
  ],
  [
    'string-call',
    0.85,
    /\(\s?\$?[\w."'\s[\]]{1,40}\)\s{0,4}(?:[[{]\s?\d\s?[\]}]\s?){0,3}\(\s?["'][^"']{1,80}["']\s?\)\s?;\s?$/,
  ],
  [
    'include',
    0.88,
    /\b(?:include|require)(?:_once)?\s?\(?\s?["'](?:https?:|ftp:|php:|data:|phar:|\/|\.\.\/)/,
  ],
]

const isName = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95

/** Behind white space and comments, from `at`. */
function skipBlank(text: string, at: number): number {
  let index = at
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code <= 32) index += 1
    else if (code === 47 && text.charCodeAt(index + 1) === 42) {
      const end = text.indexOf('*/', index + 2)
      if (end < 0) return text.length
      index = end + 2
    } else if (code === 35 || (code === 47 && text.charCodeAt(index + 1) === 47)) {
      const end = text.indexOf('\n', index)
      if (end < 0) return index
      index = end + 1
    } else break
  }
  return index
}

/** Calls of functions by name: the surest of them. One pass; at most 64 names are looked up. */
function calledFunction(lower: string): number {
  let best = 0
  let names = 0
  let index = lower.indexOf('(')
  let read = 0
  while (index >= 0 && names < 64) {
    // The name that stands before this parenthesis, comments aside.
    let end = index
    while (end > read && lower.charCodeAt(end - 1) <= 32) end -= 1
    let start = end
    while (start > read && isName(lower.charCodeAt(start - 1))) start -= 1
    if (start < end) {
      names += 1
      best = Math.max(best, callConfidence(lower, start, end, index))
    }
    read = index + 1
    index = lower.indexOf('(', read)
  }
  return best
}

function callConfidence(lower: string, start: number, end: number, parenthesis: number): number {
  const name = lower.slice(start, end)
  const before = lower.slice(0, start).trimEnd()
  const sign = before.charCodeAt(before.length - 1)
  // `.` and `>` make it a method of some object, a letter the next word of a sentence.
  if (sign === 46 && name !== 'chr') return 0
  const first =
    before === '' ||
    /[;={(,.@!&|?:\\"'[\n]$/.test(before) ||
    /\b(?:return|echo|print|die|if|and|or)$/.test(before)
  const argument = lower.slice(parenthesis + 1, parenthesis + 80).trimStart()
  const coded = /^(?:["'$@)[]|\d|\w{1,40}\s?[()]|[a-z_]{1,40}$|<)/.test(argument) || argument === ''
  if (hostileFunctions.has(name)) return first || coded ? 0.9 : 0.4
  if (shortFunctions.has(name)) {
    if (name === 'eval' || name === 'assert' || name === 'system' || name === 'exec')
      return first && coded ? 0.85 : coded && /^["'$]/.test(argument) ? 0.7 : 0.3
    return first && /^["'$]/.test(argument) && /;\s*$|\)\s*$/.test(lower) ? 0.4 : 0.2
  }
  if (functionFamily.test(name) || plainFamily.test(name))
    return before === '' ? 0.6 : first && coded ? 0.45 : 0.3
  return 0
}

/** `$name(`, `$name[…](`, `${…}(`, `$name{0}(`: a function whose name stands in a variable. */
function variableCall(lower: string): boolean {
  let tried = 0
  for (let at = lower.indexOf('$'); at >= 0 && tried < 64; at = lower.indexOf('$', at + 1)) {
    tried += 1
    let index = at + 1
    while (lower.charCodeAt(index) === 36) index += 1
    const start = index
    if (lower[index] === '{') {
      const close = lower.indexOf('}', index)
      if (close < 0 || close - index > 80) continue
      index = close + 1
    } else while (isName(lower.charCodeAt(index)) || lower.charCodeAt(index) > 127) index += 1
    if (index === start || (lower.charCodeAt(start) >= 48 && lower.charCodeAt(start) <= 57)) continue
    let indexed = false
    for (let brackets = 0; brackets < 8; brackets += 1) {
      const next = skipBlank(lower, index)
      const close = lower[next] === '[' ? ']' : lower[next] === '{' ? '}' : undefined
      if (close === undefined) break
      const end = lower.indexOf(close, next)
      if (end < 0 || end - next > 80) break
      index = end + 1
      indexed = true
    }
    const open = skipBlank(lower, index)
    if (lower.charCodeAt(open) !== 40) continue
    const argument = lower.slice(open + 1, open + 48)
    if (/^\s?(?:\d|["'$@]|\))/.test(argument) || (indexed && open === index)) return true
  }
  return false
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const strong = firstMatch(kind, rules, lower)
  if (strong !== undefined)
    return isProse(lower)
      ? { ...strong, confidence: Math.min(strong.confidence, strong.rule === 'tag' ? 0.6 : 0.45) }
      : strong
  if (lower.includes('(')) {
    const plain =
      lower.includes('/*') || lower.includes('#')
        ? lower.replace(/\/\*[^*]{0,256}\*\/|(?:#|\/\/)[^\n]{0,256}\n/g, ' ')
        : lower
    const called = calledFunction(plain)
    if (called >= 0.5) return { kind, rule: 'function-call', confidence: isProse(lower) ? 0.4 : called }
    if (lower.includes('$') && variableCall(lower))
      return { kind, rule: 'variable-call', confidence: isProse(lower) ? 0.4 : 0.85 }
    if (called > 0) return { kind, rule: 'function-call', confidence: called }
  }
  if (/\$\s+\{\s*[$\w'"]|\$\{\s*[$'"]/.test(lower))
    return { kind, rule: 'computed-variable', confidence: isProse(lower) ? 0.3 : 0.6 }
  return undefined
}

export const phpInjection: PayloadGrammar = {
  kind,
  triggers: [
    '<?',
    '$',
    '(',
    'php]',
    'php}',
    '_include',
    '_fopen',
    '_file',
    'disable_f',
    'basedir',
    'safe_mode',
    'suhosin',
    'opcache.',
    'mbstring.',
    'language',
    'save_path',
    'include',
    'require',
    'unserialize_',
    'memory_limit',
    'execution_time',
    'extension_dir',
    'zend_ext',
    'error_log',
    'cgi.',
  ],
  inspect,
  examples: {
    hits: [
      '<?php system($_GET["c"]); ?>',
      '<?= `id` ?>',
      "@eval($_POST['x'])",
      'phpinfo()',
      'call_user_func("system", "id")',
      "file_get_contents('/etc/passwd')",
      "(system)('uname');",
      '$_a[0]("id")',
      "${'a'}(11)",
      'base64_decode /* x */ ("aWQ=")',
      'auto_prepend_file=php://input',
    ],
    misses: [
      '$20 or $30',
      'US$ 20 (about $19)',
      'cost: $x (approx.)',
      'the system (new) is up',
      'we assert (rightly) that',
      '<?xml version="1.0"?>',
      'f(x)(y)',
      'Price list (2026)',
      'sold (in stock)("new") today',
      'a list (of things) and an array (of others)',
      'jQuery $(".x")',
      'print (both sides)',
    ],
  },
}
