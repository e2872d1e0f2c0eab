import type { PatternRule, PayloadGrammar } from './grammar.ts'
import { firstMatch } from './grammar.ts'

/** The meta-fields of GraphQL's introspection (specification of October 2021, 4.1): they ask for all there is. */
const rules: readonly PatternRule[] = [
  [
    'introspection',
    0.6,
    /__schema\s{0,8}\{|\b__schema\b[^\n]{0,40}\b(?:querytype|types|directives)\b|__type\s?\(\s?name\s?:/,
  ],
]

export const graphqlIntrospection: PayloadGrammar = {
  kind: 'graphql-introspection',
  triggers: ['__schema', '__type'],
  inspect: (_value, lower) => firstMatch('graphql-introspection', rules, lower),
  examples: {
    hits: [
      'query { __schema { types { name } } }',
      '{__schema{queryType{name}}}',
      'query IntrospectionQuery { __schema { queryType { name } } }',
      '{ __type(name: "User") { fields { name } } }',
    ],
    misses: ['{ user { __typename id } }', '__schema', 'the schema', '__type', '$schema'],
  },
}
