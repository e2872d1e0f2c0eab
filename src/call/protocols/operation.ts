import type { ApiCall } from '../api-call.ts'

/** An object named among an operation's arguments: `order(id: 5)` names `{ type: 'order', id: '5' }`. */
export interface ObjectRef {
  /** Singular, lower case; `record` where nothing says what it is. */
  readonly type: string
  /** At most 128 characters. */
  readonly id: string
}

/** A tool that a server offers, as `tools/list` told it. */
export interface ToolDefinition {
  readonly name: string
  /** The first 32 hex digits of SHA-256 over name, description and input schema, keys in order. */
  readonly hash: string
  /** The same of the description and of the input schema alone, 16 digits each: which of them changed. */
  readonly description?: string
  readonly schema?: string
}

export type OperationKind = 'read' | 'write' | 'subscribe' | 'unknown'

/** What a call asks for, in the words of its protocol. Everything in it is bounded; see `operationBounds`. */
export interface Operation {
  /** Id of the protocol: `graphql`, `grpc`, `json-rpc`, `mcp`, `llm`, `soap`, `sse`, `websocket`. */
  readonly protocol: string
  /** `query:customer,orders`, `/shop.Orders/Get`, `tools/call:search_orders`, `chat:gpt-4o`. At most 160 characters. */
  readonly name: string
  readonly kind?: OperationKind
  readonly objects: readonly ObjectRef[]
  /** Model asked for, of LLM calls. */
  readonly model?: string
  /** Tools offered to a model, listed by or called at an MCP server. */
  readonly tools?: readonly string[]
  /** Tools that the model's answer calls. */
  readonly called?: readonly string[]
  /** As the answer counts them; a stream's last word counts. */
  readonly tokens?: { readonly input: number; readonly output: number }
  readonly stream?: boolean
  /** SHA-256 of a persisted GraphQL query, or its id. */
  readonly persisted?: string
  /** The persisted query's text was sent along and is the one its hash says. */
  readonly registers?: boolean
  /** `depth`, `aliases`, `fields`, `directives` of a GraphQL document, `repeats` of one field in a mutation; `batch`, the number of operations in one call. */
  readonly counts?: Readonly<Record<string, number>>
  /** Places of the call that say different things about the operation: `Mcp-Method` header against the body. */
  readonly conflicts?: readonly Conflict[]
  /** Of `tools/list`. */
  readonly definitions?: readonly ToolDefinition[]
  /** The protocol's own session: MCP's until 2025-11-25. */
  readonly session?: string
  /** The answer says in the protocol's own words that it failed, whatever its HTTP status. */
  readonly failed?: boolean
  /** Something lay beyond a bound and was not looked at. */
  readonly truncated?: boolean
}

/** Two places of one call disagree. */
export interface Conflict {
  /** `header:mcp-method`, `header:mcp-name`, `header:soapaction`. */
  readonly at: string
  readonly says: string
  readonly body: string
}

/**
 * One operation with the call as far as it is about this operation: of a batch, its own request and answer; of GraphQL,
 * the answer under the names of the fields, not under the aliases the caller chose.
 */
export interface OperationPart {
  readonly operation: Operation
  readonly call: ApiCall
  /**
   * One field of an operation that asks for several: of interest where the field is an operation known by itself, so that asking for
   * something else beside it changes nothing.
   */
  readonly within?: true
}

/** What of a call is looked at; what lies beyond is left out and `truncated` is set. */
export const operationBounds = {
  /** Operations of one call. */
  operations: 64,
  nameLength: 160,
  /** Object references of one operation. */
  objects: 32,
  /** Tools named, of each kind. */
  tools: 64,
  /** Tool definitions of one list. */
  definitions: 512,
  /** Lexical tokens of a GraphQL document. */
  tokens: 5_000,
  /** Levels of a GraphQL document, an XML document and a protobuf message that are kept. */
  depth: 32,
  /** Elements of an XML document, fields of a protobuf message. */
  nodes: 2_000,
} as const

const unsafe = /[^\x21-\x22\x24-\x7e]/g

/** A name as it may stand in an endpoint's id: printable ASCII without `#`, at most 160 characters. */
export function operationName(text: string): string {
  const cut = text.length > operationBounds.nameLength ? text.slice(0, operationBounds.nameLength) : text
  return cut.replace(unsafe, '_')
}
