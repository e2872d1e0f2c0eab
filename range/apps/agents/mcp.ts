import { isObject, type Json, type JsonObject, textOf } from '../../world/http.ts'
import type { Reply, Request } from '../../world/service.ts'
import type { Stream } from '../../world/stream.ts'
import { type Tool, type Toolbox, toolView } from './tools.ts'

export type Protocol = '2025-11-25' | '2026-07-28'

export interface ServerFacts {
  readonly name: string
  readonly protocol: Protocol
  /** Answers as a stream of events where the client takes one. */
  readonly streams: boolean
  /** The tool of the header is what is checked; the one of the body is what runs. */
  readonly believesHeader: boolean
  /** Tools that an agent may call; undefined where nobody checks. */
  readonly allowed: (agent: string) => ReadonlySet<string> | undefined
}

/** One MCP server: with sessions (2025-11-25), or without state and with the method in headers (2026-07-28). */
export class ToolServer {
  readonly facts: ServerFacts
  readonly #tools: Tool[]
  readonly #toolbox: Toolbox
  readonly #stream: Stream
  version = '1.4.0'
  readonly #sessions = new Set<string>()

  constructor(facts: ServerFacts, tools: readonly Tool[], toolbox: Toolbox, stream: Stream) {
    this.facts = facts
    this.#tools = [...tools]
    this.#toolbox = toolbox
    this.#stream = stream
  }

  /** As a deploy does it: the version goes up with the tools. */
  release(version: string, change: (tools: Tool[]) => void): void {
    this.version = version
    change(this.#tools)
  }

  handle(request: Request): Reply {
    const { method, id, params } = request.body
    const named = textOf(method) ?? ''
    const given = isObject(params) ? params : {}
    const header = (name: string): string | undefined => request.headers.find(([one]) => one === name)?.[1]
    if (this.facts.protocol === '2025-11-25') {
      if (named === 'initialize') return this.#begin(id)
      const session = header('mcp-session-id')
      if (session === undefined || !this.#sessions.has(session))
        return this.#failed(id, -32_600, 'Unknown session.', 404)
      if (named.startsWith('notifications/')) return { status: 202 }
    } else if (header('mcp-method') !== named && !this.facts.believesHeader)
      return this.#failed(id, -32_600, 'The header names another method.', 400)
    switch (named) {
      case 'server/discover':
        return this.#result(id, {
          serverInfo: { name: this.facts.name, version: this.version },
          capabilities: { tools: {} },
        })
      case 'tools/list':
        return this.#result(id, {
          tools: this.#tools.map(toolView),
          ...(this.facts.protocol === '2026-07-28' ? { ttlMs: 300_000 } : {}),
        })
      case 'tools/call':
        return this.#call(request, id, given, header('mcp-name'))
      default:
        return this.#failed(id, -32_601, 'Method not found.')
    }
  }

  #begin(id: Json | undefined): Reply {
    const session = this.#stream.uuid()
    this.#sessions.add(session)
    if (this.#sessions.size > 20_000) this.#sessions.clear()
    const answer = this.#result(id, {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: this.facts.name, version: this.version },
    })
    return { ...answer, headers: [['mcp-session-id', session]] }
  }

  #call(request: Request, id: Json | undefined, params: JsonObject, header: string | undefined): Reply {
    const name = textOf(params.name) ?? ''
    const stateless = this.facts.protocol === '2026-07-28'
    if (stateless && header !== name && !this.facts.believesHeader)
      return this.#failed(id, -32_600, 'The header names another tool.', 400)
    const checked = stateless && this.facts.believesHeader ? (header ?? name) : name
    const allowed = this.facts.allowed(request.session?.actor ?? request.me.id)
    if (allowed !== undefined && !allowed.has(checked))
      return this.#failed(id, -32_003, `The tool ${checked} is not allowed.`)
    const args = isObject(params.arguments) ? params.arguments : {}
    const ran = this.#toolbox.run(request, name, args)
    if (ran === undefined) return this.#failed(id, -32_602, `Unknown tool: ${name}`)
    const reply = this.#result(id, { content: [{ type: 'text', text: ran.text }], isError: ran.failed })
    return { ...reply, ok: !ran.failed }
  }

  #result(id: Json | undefined, result: JsonObject): Reply {
    return this.#wire({ jsonrpc: '2.0', id: id ?? null, result }, 200, this.facts.streams)
  }

  #failed(id: Json | undefined, code: number, message: string, status = 200): Reply {
    return {
      ...this.#wire({ jsonrpc: '2.0', id: id ?? null, error: { code, message } }, status, false),
      ok: false,
    }
  }

  /** Names of the protocol are what they are, whatever the style of the rest. */
  #wire(message: JsonObject, status: number, streamed: boolean): Reply {
    const value = JSON.stringify(message)
    return {
      status,
      body: message,
      text: streamed
        ? { type: 'text/event-stream', value: `event: message\ndata: ${value}\n\n` }
        : { type: 'application/json', value },
    }
  }
}
