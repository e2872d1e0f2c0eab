import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** MongoDB's operators that change what a query selects (manual, "Query and Projection Operators"). */
export const queryOperators: ReadonlySet<string> = new Set(
  '$ne $gt $gte $lt $lte $eq $in $nin $or $and $nor $not $where $regex $exists $type $expr $mod $all $elemmatch $size $text $jsonschema $function $accumulator $lookup $comment'.split(
    ' ',
  ),
)

const rules: readonly PatternRule[] = [
  ['javascript-predicate', 0.97, /\$where\b/],
  [
    'query-operator',
    0.95,
    /["'[{,\s]["']?\$(?:ne|gte?|lte?|n?in|n?or|and|not|regex|exists|expr|eq|mod|elemmatch|type|function)["']?\s?(?:[:\]]|=)/,
  ],
  ['query-operator', 0.9, /\[\$(?:ne|gte?|lte?|n?in|n?or|and|not|regex|exists|eq|where)\]/],
  [
    'predicate-break',
    0.93,
    /["']\s?(?:\|\||&&|;)\s?(?:this\.\w+|return\b|true\b\s?[=;/]|1\s?==|['"]?\w{0,8}['"]?\s?==)/,
  ],
  [
    'predicate-delay',
    0.93,
    /while\s?\(\s?(?:true|1|![-+]?(?:0|false))\s?\)|(?:while|for)\s?\([^)]{0,80}(?:date|curdate|now\(\))|new date\(\)[^;]{0,20};\s?(?:do|while|for)\b|sleep\(\d{3,}\)/,
  ],
  [
    'shell-call',
    0.93,
    /\bdb\.(?:[\w$.]{1,64}\.)?(?:insert|find|findone|drop|dropdatabase|remove|update|eval|getcollectionnames|deletemany|injection)\b\s?[(.]/,
  ],
  ['this-predicate', 0.88, /\bthis\.\w{1,64}\s?(?:==|!=|\.match\()/],
]

export const nosqlInjection: PayloadGrammar = {
  kind: 'nosql-injection',
  triggers: [
    '$',
    'this.',
    'db.',
    'new date',
    'while',
    "'||",
    '"||',
    "' ||",
    '" ||',
    "'&&",
    '"&&',
    "' &&",
    '" &&',
    "';",
    '";',
    "'; ",
    'sleep(',
  ],
  inspect: (_value, lower) => firstMatch('nosql-injection', rules, lower),
  examples: {
    hits: [
      "true, $where: '99 == 88'",
      '{"$ne": null}',
      "' || '1'=='1",
      "', $or: [ {}, { 'order':'order",
      'db.injection.insert({success:1});',
      "'; return true; //",
      '[$ne]',
      'this.password == this.user',
      'var date=new Date(); do{c = new Date();}while(c-date<10000)',
    ],
    misses: [
      '$20 or $30',
      '$in stock',
      'US$ne',
      'this.is fine',
      'db.example.com',
      'pay $100 and go',
      '$type of thing',
      'a while (long)',
      'jQuery $(".x")',
    ],
  },
}
