const aiProtocols: ReadonlySet<string> = new Set(['llm', 'mcp'])

const names: Readonly<Record<string, string>> = {
  rest: 'REST',
  graphql: 'GraphQL',
  grpc: 'gRPC',
  'json-rpc': 'JSON-RPC',
  mcp: 'MCP',
  llm: 'LLM',
  ai: 'AI (models and tools)',
  soap: 'SOAP',
  sse: 'event stream',
  websocket: 'WebSocket',
}

export const protocolName = (id: string): string => names[id] ?? id

/** What an endpoint is found under: its protocol, and `ai` for those of models and their tools. */
export const protocolsOf = (protocol: string): readonly string[] =>
  aiProtocols.has(protocol) ? [protocol, 'ai'] : [protocol]

/** Whether one endpoint of this protocol carries operations that are endpoints of their own. */
export const carriesOperations = (endpoint: {
  readonly protocol: string
  readonly template: string
}): boolean => endpoint.protocol !== 'rest' && !endpoint.template.includes('#')

/** `POST api.example/graphql#query:orders` belongs to `POST api.example/graphql`; undefined for what carries itself. */
export function carrierOf(id: string): string | undefined {
  const hash = id.indexOf('#')
  return hash < 0 ? undefined : id.slice(0, hash)
}

/** `query:orders` of an operation's template; the template where it is none. */
export const operationName = (template: string): string => template.slice(template.indexOf('#') + 1)
