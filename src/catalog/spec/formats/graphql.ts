import { defineTextFormat, maxOperations } from '../format.ts'
import { namedType, rootKinds } from '../graphql/graphql-schema.ts'
import { isSdl, parseSdl, SdlFault } from '../graphql/sdl.ts'
import type { SpecOperation } from '../specification.ts'

const builtIn: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'Boolean', 'ID'])
/** Types without a declaration that are told, each with a warning. */
const mostUndeclared = 20

/** A GraphQL schema in its definition language (October 2021). */
export const graphql = defineTextFormat({
  id: 'graphql',
  title: 'GraphQL schema (SDL)',
  recognises: ({ text }) => text !== undefined && isSdl(text),
  read({ text }, { file, tell }) {
    if (text === undefined) return undefined
    try {
      const schema = parseSdl(text)
      const undeclared = new Set<string>()
      for (const type of schema.types.values())
        for (const field of type.fields.values())
          for (const one of [field, ...field.args.values()]) {
            const name = namedType(one.type)
            if (!schema.types.has(name) && !builtIn.has(name) && undeclared.size < mostUndeclared)
              undeclared.add(name)
          }
      for (const name of [...undeclared].sort())
        tell('warning', `Type \`${name.slice(0, 100)}\` is not declared: read as "anything".`)
      const operations: SpecOperation[] = []
      for (const kind of rootKinds)
        for (const field of schema.types.get(schema.roots.get(kind) ?? '')?.fields.values() ?? []) {
          if (operations.length >= maxOperations) break
          operations.push({
            protocol: 'graphql',
            method: 'POST',
            path: `#${kind}:${field.name}`,
            servers: [{ basePath: '' }],
            parameters: [],
            exhaustive: false,
            responses: new Map([['default', { required: false, media: new Map() }]]),
            security: [],
            deprecated: field.deprecated !== undefined,
          })
        }
      if (operations.length >= maxOperations)
        tell('warning', `More than ${maxOperations} root fields: the rest is left out.`)
      if (operations.length === 0)
        tell(
          'warning',
          'There is no root type (`Query`, or `schema { query: … }`): no operation to compare with.',
        )
      return {
        format: 'graphql',
        file,
        title: file,
        version: '',
        servers: [{ basePath: '' }],
        operations,
        graphql: schema,
      }
    } catch (error) {
      if (!(error instanceof SdlFault)) throw error
      tell('error', error.message, { line: error.line, column: error.column })
      return undefined
    }
  },
  example: `type Query { order(id: ID!): Order }
type Order { id: ID! total: Float }
`,
})
