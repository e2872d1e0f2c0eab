import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const rules: readonly PatternRule[] = [
  ['prototype-path', 0.97, /(?:^|["'[.\s{,?&;])__proto__["']?\s?[[\].:=]/],
  ['prototype-path', 0.95, /constructor["']?\s?(?:\.|\[["']?|\]\[["']?|["']?\s?:\s?\{\s?["']?)prototype/],
]

export const prototypePollution: PayloadGrammar = {
  kind: 'prototype-pollution',
  triggers: ['__proto__', 'constructor'],
  inspect: (_value, lower) => firstMatch('prototype-pollution', rules, lower),
  examples: {
    hits: [
      '__proto__[isAdmin]',
      '{"__proto__":{"admin":true}}',
      'constructor[prototype][x]',
      'a.constructor.prototype.b',
      '{"constructor": {"prototype": {"a": 1}}}',
    ],
    misses: ['the constructor of the house', 'prototype', 'a proto b', 'constructor prototype'],
  },
}
