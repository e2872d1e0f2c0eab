import { type PolicyTemplate, renderHead } from './template.ts'

export const sizeAndDepth: PolicyTemplate<{
  readonly bytes: number
  readonly depth: number
  readonly fields: number
  readonly graphqlDepth: number
  readonly graphqlAliases: number
}> = {
  id: 'size-and-depth',
  title: 'Size and depth limits',
  summary:
    'Refuses bodies that are too large, too deep or too wide, and GraphQL documents that ask for too much.',
  defaults: { bytes: 1_048_576, depth: 20, fields: 2000, graphqlDepth: 12, graphqlAliases: 30 },
  render: options => {
    const { bytes, depth, fields, graphqlDepth, graphqlAliases } = { ...sizeAndDepth.defaults, ...options }
    return `${renderHead('size-and-depth', 'request', options ?? {})}  when: >-
    request.size > ${bytes.toFixed(1)} || request.depth > ${depth.toFixed(1)} || request.fields > ${fields.toFixed(1)}
    || graphql.depth > ${graphqlDepth.toFixed(1)} || graphql.aliases > ${graphqlAliases.toFixed(1)}
  action: { type: block, status: 413 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This request is too large.
  tests:
    - name: a deep body
      input: { request: { depth: ${depth + 1} } }
      expect: block
    - name: many aliases
      input: { graphql: { aliases: ${graphqlAliases + 1} } }
      expect: block
    - name: an ordinary body
      input: { request: { size: 200, body: { items: [1, 2] } } }
      expect: pass
`
  },
}
