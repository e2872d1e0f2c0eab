import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const rules: readonly PatternRule[] = [
  ['entity', 0.98, /<!entity\s/],
  ['external-subset', 0.95, /<!doctype\s+[^\s>[]+\s+(?:system|public)\s+["'](?!-\/\/w3c)/],
  ['internal-subset', 0.92, /<!doctype\s+[^\s>[]+\s*\[/],
  ['inclusion', 0.93, /<xi:include\b|xmlns:xi\s?=|<xs:(?:include|import|redefine)\b|xi:include\s+href/],
  [
    'schema-location',
    0.85,
    /xsi:(?:nonamespace)?schemalocation\s?=\s?["'][^"']{0,200}(?:https?|file|ftp|\/\/)/,
  ],
  ['encoded-doctype', 0.95, /\+adwaiq-(?:doctype|entity)/],
  ['stylesheet', 0.85, /<\?xml-stylesheet\b|<xsl:(?:value-of|include|import)\b/],
]

export const xmlExternalEntity: PayloadGrammar = {
  kind: 'xxe',
  triggers: ['<!', 'xi:', '<xs:', 'schemalocation', '+adwaiq', '<?xml-stylesheet', '<xsl:'],
  inspect: (_value, lower) => firstMatch('xxe', rules, lower),
  examples: {
    hits: [
      '<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><foo>&xxe;</foo>',
      '<!DOCTYPE x SYSTEM "//x/x"><x>a</x>',
      '<xi:include href="file:///etc/passwd"/>',
      '<!DOCTYPE x [ <!ENTITY % y SYSTEM "//y/y"> %y; ]>',
    ],
    misses: [
      '<!DOCTYPE html>',
      '<!-- comment -->',
      '<order><id>1</id></order>',
      '<?xml version="1.0"?><a/>',
      'entity system',
    ],
  },
}
