import { protocols } from '../../src/call/protocols/index.ts'
import { operationBounds } from '../../src/call/protocols/operation.ts'
import type { ProtocolDefinition } from '../../src/call/protocols/protocol.ts'
import { defaultMessageOptions as messages } from '../../src/sensors/gateway/message-log.ts'
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
    `The list of endpoints is filtered by protocol; \`ai\` stands for \`llm\` and \`mcp\`.`,
    ...protocols.map(section),
    '## At the gateway',
    `A policy that names operations (\`POST /graphql#mutation:*\`, \`POST /mcp#tools/call:delete_*\`), or that reads \`object\` or the
endpoint's id, parameters or operation at a path known to carry operations, is decided when the request's body is in, as far as the inspection
window goes (\`gateway.windowBytes\`); the answer to each operation is judged by what was learned of that operation's owners. All other
requests are decided by their head, as before.`,
    `A request is refused where one of its operations is: each member of a batch, and each field at the root of a GraphQL document, whatever
its alias. A throttle counts each. Policies that are not about operations are asked once. At most ${2 * operationBounds.operations} fields and ${operationBounds.operations} documents, or
${operationBounds.operations} requests of other protocols, are looked at.`,
    `What could not be seen is the operation \`unknown\`: a body that goes on beyond the window or is in a form that is not read, a member of a batch or a
field beyond the bound, a persisted query that is not known, more than ${operationBounds.objects - 1} objects. It is let pass unless a policy names it (\`POST /graphql#unknown\`), or
names other operations and says \`onError: deny\`. Persisted queries are known from requests that brought text and hash together.`,
    `Where a protobuf descriptor set is among the specifications, messages of its gRPC methods have the names of their fields in schemas, data
classes and findings; without one their numbers.`,
    `Messages of a WebSocket are read along and not decided on. What went through a connection comes every ${messages.reportMs / 1_000} seconds and at its end
as a call of its own, the upgrade's request with \`extra.webSocketMessages\`; \`extra.webSocket\` counts everything, each way. GraphQL and JSON-RPC within messages are
named by what they ask for (\`message:subscription:orderChanged\`). Each way the first ${messages.count} messages of a report are kept, ${messages.messageBytes} bytes of each and
${messages.bytes} together, secrets masked as in bodies. The client's offers of extensions are not passed on.`,
    `Of an event stream that is longer than the window its last 4096 bytes are read as well: language models count their tokens there. Of a
compressed one they cannot be.`,
    '## Bounds',
    `What lies beyond a bound is left out, and the operation says so (\`truncated\`). In the catalog the least recently used candidates of an
endpoint go when its operations reach their bound; then further ones are counted together as \`{other}\`.`,
    bounds(),
  )
