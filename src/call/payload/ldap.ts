import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** Filters of RFC 4515. */
const rules: readonly PatternRule[] = [
  ['filter-break', 0.95, /\*?\)\s?\(\s?[|&!]?\(?\s?(?:\w{1,32}|[|&])\s?[~<>]?=?\s?[*\w(]*[=*]/],
  ['filter', 0.93, /\([|&!]\s?\(\s?[|&!]?\(?\s?[\w.;-]{1,64}(?::[\w.]{0,40}:?)?[~<>]?=/],
  ['filter-break', 0.93, /[\w*]\)\([|&!]|\*\)\(|\*\(\s?[|&]/],
  ['matching-rule', 0.92, /\b[a-z]{2,32}:(?:dn:)?(?:\d+\.){3,}\d+:=/],
  ['object-class', 0.9, /\(objectclass=|\bobjectclass\s?=\s?\*/],
]

export const ldapInjection: PayloadGrammar = {
  kind: 'ldap-injection',
  triggers: [')(', '(&', '(|', '(!', '*)', '*(', ':=', 'objectclass', ') ('],
  inspect: (_value, lower) => firstMatch('ldap-injection', rules, lower),
  examples: {
    hits: [
      '*)(uid=*',
      '(&(uid=admin)(!(&(1=0)(userPassword=q))))',
      '*(|(objectclass=*))',
      'userPassword:2.5.13.18:=123',
      'admin)(&)',
      '*)(|(mail=*',
    ],
    misses: [
      'f(x)(y)',
      '(a) (b)',
      '(!)',
      'x := 5',
      '[a](https://example.com)',
      'great (really) (!)',
      '(*) required',
      'a && (b || c)',
      'wow (!!) (yes)',
    ],
  },
}
