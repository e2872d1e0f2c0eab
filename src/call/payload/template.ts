import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const rules: readonly PatternRule[] = [
  [
    'environment-walk',
    0.95,
    /\b_self\.(?:env|gettemplatename)|registerundefined(?:filter|function)callback|\.getfilter\(/,
  ],
  ['arithmetic-probe', 0.9, /(?:^|[\s>"'=])@\(\s?\d{1,9}\s?[*+-]\s?\d{1,9}\s?\)/],
  ['object-walk', 0.97, /__(?:class|mro|subclasses|globals|builtins|bases|base|init|dict|getattribute)__/],
  [
    'arithmetic-probe',
    0.95,
    /(?:\{\{|[$#@*]\{|<%=?|\[\[)\s?['"]?\d+['"]?\s?[*+-]\s?['"]?\d+['"]?\s?(?:\}|%>|\]\])/,
  ],
  [
    'directive',
    0.93,
    /<#(?:assign|include|list|import)\b|\{%-?\s?(?:import|include|set|for|if|extends|debug|load)\s|\{php\}|#set\s?\(\s?\$|#(?:include|parse|evaluate)\s?\(|<%@?\s?(?:import|page|include|system|`|out\.)/,
  ],
]

/** Inside the brackets of an expression, which are at most `window` characters apart. */
const inside: readonly PatternRule[] = [
  [
    'template-call',
    0.93,
    /\bself\b|\bconfig\b|\brequest\b[.[|]|\bcycler\b|\blipsum\b|\bjoiner\b|\bnamespace\b|constructor|\bexec\(|\bsystem\(|\beval\(|\bpopen\(|\bimport\b|\bfile\.|\bdir\.|\bprocess\b|\bglobal\.|\bmd5\(|\bprint\(/,
  ],
  ['angular-escape', 0.92, /\.constructor|\$on\.|\$eval|tostring\(\)|\.charat/],
  ['template-filter', 0.85, /\|\s?(?:attr|safe|map|filter|join|reverse|last|first)\b\s?\(?["'(]/],
]
const window = 300
/** Openings closer than this to the one before are read with it: the whole stays linear in the text. */
const step = 100

function inspectExpressions(lower: string): PayloadHit | undefined {
  let next = 0
  for (const opening of lower.matchAll(/\{\{|[$#@*]\{|<%/g)) {
    if (opening.index < next) continue
    next = opening.index + step
    const start = opening.index + 2
    const rest = lower.slice(start, start + window)
    const end = rest.search(/[}%\n]/)
    const hit = firstMatch('template-injection', inside, end === -1 ? rest : rest.slice(0, end))
    if (hit !== undefined) return hit
    // A closed expression is done with: the next one may follow at once.
    if (end !== -1) next = Math.min(next, start + end)
  }
  return undefined
}

export const templateInjection: PayloadGrammar = {
  kind: 'template-injection',
  triggers: [
    '_self',
    'registerundef',
    '.getfilter',
    '@(',
    '{{',
    '${',
    '#{',
    '@{',
    '*{',
    '<%',
    '<#',
    '{%',
    '__',
    '#set',
    '#include',
    '#parse',
    '#evaluate',
    '{php',
    '[[',
  ],
  inspect: (_value, lower) => firstMatch('template-injection', rules, lower) ?? inspectExpressions(lower),
  examples: {
    hits: [
      '{{1337*1338}}',
      '${7*7}',
      '#{16*8787}',
      '<%= 7*7 %>',
      "{{''.__class__.__mro__}}",
      '<#assign ex="freemarker.template.utility.Execute"?new()>',
      '{{config.items()}}',
      '{% import os %}',
    ],
    misses: [
      'Hello {{name}}',
      '${user}',
      '{{ order.total }}',
      'see #{12}',
      'C++ & Java',
      '[[wiki link]]',
      'a {b} c',
      '{"a":{"b":1}}',
      '100% {sure}',
      '<% of sales',
    ],
  },
}
