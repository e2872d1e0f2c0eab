import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'
import { isProse } from './prose.ts'
import { foldSql } from './sql-tokens.ts'

/** Over folded statements, in any context. */
const anywhere: readonly PatternRule[] = [
  ['union-select', 0.98, /U\(?S\(?[(n*sNvfXMC!]/],
  ['delay', 0.97, /B/],
  ['stored-procedure', 0.96, /G/],
  ['into-file', 0.96, /I/],
  ['procedure-analyse', 0.96, /P\(/],
  ['stacked-query', 0.96, /;\(?(?:S[(n*sNvfXMC]|Sw[,F(]|Ew|B|i\(|Q[wvfX(]w?[(=;c,+]|Zwz)/],
  ['subquery', 0.95, /\(S(?:[(n*sNvfXMC]|w,|wW|wF[wM](?:$|[),;cWDYL]))/],
  ['time-or-error-function', 0.95, /X\((?!w\)w)/],
  ['tautology', 0.95, /&!?\(?[ns]\)?=\(?!?[nsNv]/],
  ['comparison-with-query', 0.95, /[&W]!?\(?n=\(?[SfXwNiC(]/],
  ['tautology', 0.93, /[HW]!?\(?[ns]\)?=\(?[ns]/],
  ['conditional', 0.94, /i\(\(?n=n/],
  ['conditional', 0.93, /C(?:T\(?[nsf]\)?=|nT)/],
  ['catalogue-table', 0.93, /[F,]M/],
  ['union-select', 0.85, /(?:^|[nsc)+])\)?U\(?S\(?w(?:,|F(?:[wM]|$))|[ns)]U\(?S\(?w$/],
  ['having', 0.85, /Hf\([^)]{0,12}\)=/],
  ['comparison-arithmetic', 0.88, /\(n=n\)?(?:[*+&|]|$)/],
  ['select', 0.9, /S(?:\*|[fX]\([^)]{0,20}\)|v)F[wM(]/],
  ['select', 0.85, /^\(?S(?:n|s|w),(?:n|s|w)[,F]/],
  ['select', 0.8, /^SwF[wM](?:W\(?[wn]=|Yw|;|c)/],
  ['statement', 0.85, /^(?:Ew(?:\(|;|c|z|W[wn]=)|ZwzW?w=|QvvD?)/],
  ['sorted-probe', 0.9, /(?:^|[ns)])\)?Y\(?n(?:,n)*(?:c|$)/],
  ['logic-with-call', 0.85, /&!?\(?f\([^)]{0,12}\)=/],
  ['logic-constant', 0.85, /^n\)?&!?\(?n[c=]/],
  ['logic-column', 0.75, /^n\)?&!?\(?w=\(?[ns]/],
  ['comment-splice', 0.8, /^[nw]\)?;c$/],
  ['alias-clause', 0.8, /(?:^|[ns)])D[sw]F|\)D[sw]F/],
  ['union-select', 0.7, /^US$/],
  ['union-values', 0.85, /(?:^|[ns)])Uz\(/],
  ['comparison', 0.55, /^(?:n=n|s!?=s|[ns]!=!?[ns])$/],
  ['values', 0.75, /^z\([ns],/],
  ['logic-constant', 0.6, /^&!?\(?[ns](?:c$|=[ns])/],
  ['open-case', 0.65, /^\)?CTwT|^\)Tn/],
  ['open-condition', 0.8, /(?:^|[^w])i\(n=$/],
  ['open-comparison', 0.6, /^\)=\($/],
]

/** Beginnings of calls and names of catalogues: short, and common in text about databases. */
const fragments: readonly PatternRule[] = [
  ['open-call', 0.6, /(?:^|[^wk])[fXi]\($/],
  ['catalogue-name', 0.6, /^[QFS]?M$/],
  ['call', 0.6, /^X\((?!w\)w)/],
  ['call', 0.3, /^f\(/],
]

/** Over statements that start inside one of the application's strings and break out of it. */
const quoted: readonly PatternRule[] = [
  [
    'string-break-logic',
    0.95,
    /^s\)?[&|]!?\(?(?:[nN]\)?(?:[=c;)+&|*]|$)|s\)?(?:=|c|$)|[Xfi]\(|v|w\)?=|\(?S|C)/,
  ],
  ['string-break-compare', 0.93, /^s\)?=\(?(?:s\)?(?:[&c|]|$)|[Xf]\(|\(?S)/],
  ['string-break-union', 0.96, /^s\)?;?U\(?S/],
  ['string-break-stacked', 0.95, /^s\)?;\(?(?:S|E|Q|B|i|X|Z)/],
  ['string-break-query', 0.95, /^s\)?[+|]\(?(?:S|[Xf]\(|i\()/],
  ['string-break-concat', 0.85, /^s\)?[+|]\(?[nsw]\)?[+|]s/],
  ['string-break-clause', 0.93, /^s\)?(?:Dw)?[WH]\(?[nswfX]/],
  ['string-break-sort', 0.93, /^s\)?Y\(?[nw]/],
  ['string-break-limit', 0.85, /^s\)?Ln/],
  ['string-break-call', 0.9, /^s\)?[&|]!?\(?!?w\([^)]{0,12}\)?\)?[c;]/],
]

/** Over the text itself: what folding does not keep. */
const raw: readonly PatternRule[] = [
  [
    'commented-statement',
    0.85,
    /\b(?:select|drop|union|insert|update|delete|from|where|and|or)\s?\/\*[^*]{0,80}\*\/\s?\w/,
  ],
  ['odbc-escape', 0.85, /\{\s?if\s{1,4}\w{1,24}\s?\(/],
  ['hex-literal', 0.88, /\b(?:select|concat|char|unhex)\s?\(?\s?0x[\da-f]{4}/],
  ['json-operator', 0.88, /\?[|&]\s?array\s?\[/],
  ['alter-table', 0.9, /\balter\s+table\s+\S{1,80}\s+(?:add|change|modify|drop|rename|alter|convert)\b/],
  [
    'select-call',
    0.85,
    /\bselect\s{1,8}(?:pg_sleep|sleep|benchmark|version|load_file|current_user|user|database|extractvalue|if\s?\(|char\s?\(|case\b)/,
  ],
  ['broken-exponent', 0.85, /\b\d{1,8}\.e(?:\(|\.[a-z])/],
  [
    'stacked-statement',
    0.8,
    /;(?:drop|truncate|alter|shutdown|declare|insert|delete|update|grant|exec(?:ute)?)\s{1,8}\w{1,40}\s{0,8}$|;\s{0,8}(?:truncate|drop|alter|shutdown|declare|insert|delete|update|grant|waitfor|exec(?:ute)?)(?:\s{1,8}\w{1,40}\s{0,8}(?:;|--|#|\[)|\s?\[)/,
  ],
  ['dynamic-statement', 0.85, /\bexec(?:ute)?\s{1,8}(?:master|msdb|sp_|xp_)/],
  [
    'statement-comment',
    0.85,
    /\b(?:drop|truncate|delete|insert|update)\s{1,8}[\w.]{1,48}(?:\s{1,8}[\w.]{1,48})?\s{0,8};\s{0,8}--/,
  ],
  ['dynamic-statement', 0.9, /\bexec(?:ute)?\s+immediate\s+['"]|\bexec(?:ute)?\s?\(\s?['"@]/],
  [
    'cast',
    0.85,
    /[\w'")\]]::(?:int(?:eger)?|text|jsonb?|numeric|varchar|regclass|bool(?:ean)?|money|xml|bigint|smallint|int[248]|double\s+precision|real|float[48]?|date|timestamp(?:tz)?|bytea|uuid|oid|char|hstore)\b/,
  ],
  ['variable', 0.85, /(?:^|[;'")\s])declare\s{0,8}@\w/],
]

/** One quote, an operator behind it, and the rest of the statement cut off by a comment at the end. */
const cutOffBehindQuote =
  /^[^'"`]{0,128}\\?['"`][\s)]{0,8}(?:[<>=+\-*/|&^%!~,?]|(?:is|not|or|and|like|glob|in|between|xor|div|mod|having|union|order|group|limit|escape|collate|isnull|notnull|regexp|rlike|similar|ilike|likely)\b)[^'"`]{0,128}(?:--|#|;%00|\/\*)\s?[+-]?\s{0,4}$/
/** A quote that is never closed, and a statement behind it. */
const openStatement =
  /^\s?['"`]\s{0,4}(?:select|union|alter|drop|insert|update|delete|create|truncate|exec)\b[^'"`]{0,24}$/

const commentAfterBreak = /['"`][\s)]*;?[\s)]*(?:--[\s+-]*$|--\s|#\s*$|\/\*)/

/** Punctuation that a scanner sends to see whether the statement falls apart: `,"(()',),`. */
function isPunctuationProbe(value: string): boolean {
  if (value.length < 4 || value.length > 24) return false
  let quotes = 0
  let parentheses = 0
  for (let index = 0; index < value.length; index += 1) {
    const character = value[index]!
    if (character === "'" || character === '"') quotes += 1
    else if (character === '(' || character === ')') parentheses += 1
    else if (character !== ',' && character !== '.') return false
  }
  return quotes > 0 && parentheses > 1
}

/** Without one of these a folded text is words, punctuation and strings. */
const structured = /[USFWHBGIPXEQZziCMYLDJT&=|;c+]/

function inspect(value: string, given: string): PayloadHit | undefined {
  // Some readers take these for a quote; in prose there is no comparison beside them.
  const lower = given.includes('=') && /[’‘´]/.test(given) ? given.replace(/[’‘´]/g, "'") : given
  const bare = foldSql(lower, 'bare')
  let best = structured.test(bare) ? firstMatch('sql-injection', anywhere, bare) : undefined
  for (const quote of ["'", '"', '`'] as const) {
    if (best !== undefined && best.confidence >= 0.95) return best
    if (!lower.includes(quote)) continue
    const folded = foldSql(lower, quote)
    if (!structured.test(folded)) continue
    const hit = firstMatch('sql-injection', quoted, folded) ?? firstMatch('sql-injection', anywhere, folded)
    if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = hit
  }
  if (best !== undefined)
    return best.confidence <= 0.8 && isProse(lower) ? { ...best, confidence: 0.4 } : best
  if (commentAfterBreak.test(lower))
    return { kind: 'sql-injection', rule: 'string-break-comment', confidence: 0.85 }
  if (cutOffBehindQuote.test(lower) && !/\b[cf]#$/.test(lower))
    return { kind: 'sql-injection', rule: 'string-break-comment', confidence: 0.85 }
  if (openStatement.test(lower)) return { kind: 'sql-injection', rule: 'string-break-open', confidence: 0.6 }
  const text = firstMatch('sql-injection', raw, lower)
  if (text !== undefined) return text
  // One quote in the whole value, and a semicolon right behind it at the end: the string is closed and the statement too.
  if (/^[^'"`]{1,200}['"`]\s?\)?;$/.test(value))
    return { kind: 'sql-injection', rule: 'string-break-end', confidence: 0.65 }
  const fragment = firstMatch('sql-injection', fragments, bare)
  if (fragment !== undefined) return isProse(lower) ? { ...fragment, confidence: 0.3 } : fragment
  if (isPunctuationProbe(value)) return { kind: 'sql-injection', rule: 'punctuation-probe', confidence: 0.7 }
  return undefined
}

export const sqlInjection: PayloadGrammar = {
  kind: 'sql-injection',
  triggers: [
    "'",
    '"',
    '`',
    '--',
    '/*',
    '#',
    '=',
    '||',
    '&&',
    '(',
    ')',
    'union',
    'select',
    'insert into',
    'delete from',
    'drop ',
    'order by',
    'group by',
    'having',
    'waitfor',
    '::',
    'alter table',
    'declare',
    'exec',
    'xp_',
    'information_schema',
    'outfile',
    'sysobjects',
    'openrowset',
    'opendatasource',
    'utl_',
    'sp_',
    'msdasql',
    'tempdb',
    'msdb',
    'values',
    ' like ',
    '0x',
    'msys',
    'pg_',
    'mysql.',
    'all_tables',
    'user_tables',
    'sqlite_',
    ' from',
    'case when',
    'when ',
    '.e.',
    '>',
    '@>',
    'dbms_',
    ';',
  ],
  inspect,
  examples: {
    hits: [
      "' or 1=1--",
      "admin'--",
      '1 or 1=1',
      "1' and sleep(5)#",
      '1 union all select null,null,version()--',
      '1e1 union select users from password',
      "x'; drop table users--",
      "1'||(select 'a' from dual)||'",
      "-1') as t where 1=1 order by 3#",
      "1;waitfor delay '0:0:5'--",
      ')/**/And/**/3801=1067',
      '1 /*!50000union*/ /*!50000select*/ 1,2',
      '1 and 1=(select count(*) from sysusers)',
      ',"(()\',),',
      "%' and 1=1 and '%'='",
      'elt(4537=5135,1)',
      "' order by 1#",
      "admin@example.org';",
      'password::int',
      'alter table mails change receivers x',
      '1 order/**/by 3#',
    ],
    misses: [
      "o'connor",
      "O'Neill and O'Brien",
      'select a plan from the list',
      '(select one from the list)',
      'the western union select committee met',
      '1 or 2',
      'black and white',
      'Tom & Jerry',
      'order by phone',
      'x = 5 and y',
      'drop table tennis balls here',
      "it's 5 o'clock -- somewhere",
      'a (b) c; d (e)',
      'price >= 10, size <= 5',
      '#1 seller; #2 runner-up',
      "rock 'n' roll",
      "the boys' and 3 girls",
      'update your password',
      '{"a":1,"b":"c"}',
      'function sum(a, b) { return a + b }',
      "// don't select the items from here (yet)",
      '12" x 10" frame',
      'std::vector',
      'alter table height',
      'he said "hello";',
      'call (555) 123-4567; ask for Ann',
      "Levi's; size 32",
      'a=1;b=2',
    ],
  },
}
