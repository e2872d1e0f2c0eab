import { protocols } from '../../src/call/protocols/index.ts'
import { operationBounds } from '../../src/call/protocols/operation.ts'
import type { ProtocolDefinition } from '../../src/call/protocols/protocol.ts'
import { code, page, prose, table } from './markdown.ts'

const section = ({ id, title, endpoints, examples }: ProtocolDefinition): string =>
  [
    `## ${title} (${code(id)})`,
    endpoints === 'operation'
      ? 'Each operation is an endpoint of its own.'
      : 'The path is the endpoint; operations are told with its calls.',
    table(
      ['example', 'request', 'operations', 'objects'],
      examples.map(({ title: what, request, operations, objects = [] }) => [
        prose(what),
        code(`${request.method} ${request.target}`),
        operations.map(code).join(' '),
        objects.map(code).join(' '),
      ]),
    ),
  ].join('\n\n')

const bounds = (): string =>
  table(
    ['bound', 'value'],
    [
      ['operations of one call', operationBounds.operations],
      ['object references of one operation', operationBounds.objects],
      ['tools named', operationBounds.tools],
      ['tokens of a GraphQL document', operationBounds.tokens],
      ['levels of a GraphQL or XML document', operationBounds.depth],
      ['elements of an XML document', operationBounds.nodes],
      ['characters of an operation’s name', operationBounds.nameLength],
    ].map(([what, value]) => [String(what), String(value)]),
  )

/** `protocols.md`: which protocols beyond plain HTTP are read, and how their calls are named. */
export const protocolsPage = (): string =>
  page(
    'Protocols',
    '`src/call/protocols`',
    `A call of one of these protocols says in its body or path what it asks for: an *operation*. In the catalog an operation is
\`METHOD host/template#operation\`, for gRPC its path; it stays a candidate until there is evidence, like any endpoint, and one that the
server answers with an error of the protocol is not added. Objects named among the arguments count like values in a path: what
is learned of owners and walks holds for them. A batch is counted and judged by each of its operations; the first names the call. A GraphQL
answer is read under the names of the fields, whatever aliases were asked for.`,
    `The gateway decides by the head of a request: policies on it see the path's endpoint (\`POST api.example/graphql\`), and the path of
a gRPC method, not other operations. The list of endpoints is filtered by protocol; \`ai\` stands for \`llm\` and \`mcp\`.`,
    ...protocols.map(section),
    '## Bounds',
    `What lies beyond a bound is left out, and the operation says so (\`truncated\`). In the catalog the least recently used candidates of an
endpoint go when its operations reach their bound; then further ones are counted together as \`{other}\`.`,
    bounds(),
  )
