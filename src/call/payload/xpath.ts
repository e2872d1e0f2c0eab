import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** Steps and functions of XPath 1.0 (W3C) where a value should stand. */
const rules: readonly PatternRule[] = [
  [
    'axis',
    0.93,
    /(?:^|[/|[(\s'"\]])(?:ancestor|ancestor-or-self|attribute|child|descendant|descendant-or-self|following|following-sibling|namespace|parent|preceding|preceding-sibling|self)::(?:node\(|text\(|\*|[a-z])/,
  ],
  [
    'node-function',
    0.93,
    /(?:count|name|local-name|string-length|substring|string|normalize-space|starts-with|contains|position|last)\(\s?(?:\(?\/{1,2}[\w*@]|name\(|\/\*|\.\.?\/|self::|@)/,
  ],
  ['predicate-break', 0.9, /['"]\s?\]\s?(?:\||\/|\[|or\b|and\b)|\]\s?\|\s?\/{1,2}[*\w]/],
  [
    'node-test',
    0.85,
    /\/\/(?:[a-z*][\w-]{0,40}|\*)\[(?:\d|[a-z]{1,20}\s?=)|\/(?:[a-z*][\w-]{0,40}|\*)\[(?:@|position\(|last\(|text\(|contains\(|starts-with\()/,
  ],
  ['node-test', 0.85, /(?:or|and)\s+(?:\/{1,2}[a-z*]|count\(|name\(|position\(\))/],
]

export const xpathInjection: PayloadGrammar = {
  kind: 'xpath-injection',
  triggers: ['::', "']", '"]', "' ]", ']|', '] |', '(/', '/*', '@', 'position(', '//', 'name(', 'count('],
  inspect: (_value, lower) => firstMatch('xpath-injection', rules, lower),
  examples: {
    hits: [
      "' or count(/*)=1 or '1'='2",
      "x']|//user[name/text()='a",
      "' or substring(name(/*[1]),1,1)='a",
      "//user[@id='1']",
      "'] | //* | a['",
      '/child::node()',
    ],
    misses: [
      'std::vector',
      'a/b/c[0]',
      'https://example.com//x',
      'items[0]',
      'count (on me)',
      'parent: yes',
      'self::',
    ],
  },
}
