import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** Stream headers and type tags of native serialisations; case matters in the encoded ones. */
const exact: readonly PatternRule[] = [
  [
    'java-stream',
    0.97,
    /(?:^|[=\s"':,;])(?:rO0AB[A-Za-z\d+/]{1,}|KztAAU[A-Za-z\d+/]{0,}={0,2}$|Cs7QAF[A-Za-z\d+/]{0,}={0,2}$|H4sIAAAAAAAA[A-Za-z\d+/]{24})|^\u00ac\u00ed\W\W/,
  ],
  ['dotnet-stream', 0.95, /(?:^|[=\s"'])(?:AAEAAAD\/{4,}|\/wEy[A-Za-z\d+/]{12,})/],
  ['pickle', 0.9, /c(?:os|posix|nt|__builtin__|builtins|subprocess)\n\w+\n/],
  ['php-object', 0.95, /(?:^|[;{}\s"'=])[OC]:\+?\d{1,5}:"[A-Za-z_\\][\w\\]{0,200}":\d{1,5}:\{/],
  ['php-array', 0.8, /(?:^|[;{}\s"'=])a:\d{1,5}:\{(?:[is]:\d|\})/],
]
const folded: readonly PatternRule[] = [
  ['java-stream', 0.95, /(?:^|[^\da-f])aced0005/],
  [
    'yaml-tag',
    0.95,
    /!!(?:python\/|javax?\.|ruby\/|com\.|org\.)|!ruby\/(?:object|hash)|tag:yaml\.org,2002:(?:python|java|ruby)/,
  ],
  [
    'type-hint',
    0.95,
    /["'@](?:@type|@class|\$type|javaclass)["']?\s?[:=]\s?["'](?:com\.|org\.|java|sun\.|system\.|net\.|ch\.|oracle\.|br\.)/,
  ],
  ['node-function', 0.97, /_\$\$nd_func\$\$_/],
  [
    'gadget',
    0.95,
    /ysoserial|commons\.collections\.functors|clonetransformer|forclosure|instantiatefactory|instantiatetransformer|prototypeclonefactory|prototypeserializationfactory|whileclosure|invokertransformer|templatesimpl|jdbcrowsetimpl|objectdataprovider|annotationinvocationhandler|java\.(?:rmi|beans)\.|xstream|bsh\.interpreter/,
  ],
]

/** Base64 of a pickle of protocol 2 to 5: it begins with its protocol and ends with the opcode STOP. */
function isPickle(value: string): boolean {
  if (!/^gA[JNSR][A-Za-z\d+/_-]{12,}={0,2}$/.test(value)) return false
  const bytes = Buffer.from(value, 'base64')
  return bytes[0] === 0x80 && bytes.at(-1) === 0x2e
}

export const deserialisation: PayloadGrammar = {
  kind: 'deserialisation',
  triggers: [
    'ro0ab',
    'kztaau',
    'cs7qaf',
    'h4siaaaa',
    'aced0005',
    'aaeaaad',
    '/wey',
    '!!',
    '!ruby',
    '@type',
    '@class',
    '$type',
    'javaclass',
    '_$$nd',
    'ysoserial',
    'collections',
    'templatesimpl',
    'jdbcrowset',
    'dataprovider',
    'o:',
    'c:',
    'a:',
    'gaj',
    'gan',
    'gas',
    'cos\n',
    'cposix',
    'builtin',
    'java.rmi',
    'java.beans',
    'xstream',
    'tag:yaml',
    'invocationhandler',
    'transformer',
    'closure',
    'instantiatefactory',
    'prototypeclone',
    'prototypeserial',
    'bsh.',
    '\u0005',
  ],
  inspect: (value, lower) =>
    firstMatch('deserialisation', exact, value) ??
    firstMatch('deserialisation', folded, lower) ??
    (isPickle(value) ? { kind: 'deserialisation', rule: 'pickle', confidence: 0.9 } : undefined),
  examples: {
    hits: [
      'rO0ABXNyABFqYXZhLnV0aWw',
      'O:8:"stdClass":1:{s:1:"a";i:1;}',
      '!!python/object/new:exec [import os]',
      '{"@type":"com.sun.rowset.JdbcRowSetImpl"}',
      '{"a":"_$$ND_FUNC$$_function(){}()"}',
      'aced00057372',
      'AAEAAAD/////AQAAAA',
      'gASVHQAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg==',
    ],
    misses: [
      'O: 8',
      'To: Bob',
      'a:1:b',
      'Wow!! python',
      '{"@type":"Person"}',
      'c:10:x',
      'collections of java coffee',
      'gAJh0hOUULS6La8QOuGp8Q',
    ],
  },
}
