import { Client } from '../../world/client.ts'
import type { Device } from '../../world/device.ts'
import { type Answer, type Ask, isObject, type JsonObject, textOf } from '../../world/http.ts'
import type { Network } from '../../world/network.ts'
import type { Stream } from '../../world/stream.ts'
import type { Step } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import type { ToolServer } from './mcp.ts'

export interface AgentFacts {
  readonly name: string
  readonly tools: ReadonlySet<string>
  /** Its account, its key and where it runs. */
  readonly account: string
  readonly key: string
  readonly device: Device
  readonly network: Network
}

/** Anybody who can make a client: the crowd, or an attack that watches it. */
type ClientMaker = (device: Device, network: Network) => Client

/** Where tokens are changed and where each server is, below the prefix. */
interface Places {
  readonly token: string
  readonly servers: Readonly<Record<string, string>>
}

/** One run of an agent for one person: tokens, sessions with tool servers, calls. */
export class AgentRun {
  readonly facts: AgentFacts
  readonly client: Client
  readonly #world: World
  readonly #paths: Places
  readonly #servers: Readonly<Record<string, ToolServer>>
  readonly #sessions = new Map<string, string>()
  #next = 0

  constructor(
    world: World,
    facts: AgentFacts,
    places: { paths: Places; servers: Readonly<Record<string, ToolServer>> },
    stream: Stream,
    make: ClientMaker = (device, network) => new Client(world, device, network, stream),
  ) {
    this.#world = world
    this.facts = facts
    this.#paths = places.paths
    this.#servers = places.servers
    this.client = make(facts.device, facts.network)
    this.client.key = { value: facts.key, account: facts.account }
  }

  /** Changes the token of a person for one that says who acts (RFC 8693). */
  *actFor(subject: string, account: string): Step<boolean> {
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: [...this.facts.tools].join(' '),
    })
    const answer = yield* this.client.send({
      method: 'POST',
      path: this.#world.at(this.#paths.token),
      text: { type: 'application/x-www-form-urlencoded', value: form.toString() },
    })
    const value = textOf(answer.json.access_token)
    if (!answer.ok || value === undefined) return false
    this.client.key = undefined
    this.client.held = {
      value,
      refresh: undefined,
      until: this.#world.now + 20 * 60_000,
      account,
      bearer: true,
    }
    return true
  }

  /** What a call looks like on the wire of its server. `header`: in place of what the body names. */
  ask(server: string, method: string, params: JsonObject, header?: { method?: string; name?: string }): Ask {
    this.#next += 1
    const stateless = this.#servers[server]?.facts.protocol === '2026-07-28'
    const session = this.#sessions.get(server)
    const name = header?.name ?? textOf(params.name)
    const body = {
      jsonrpc: '2.0',
      ...(method.startsWith('notifications/') ? {} : { id: this.#next }),
      method,
      params: stateless
        ? {
            ...params,
            _meta: { 'io.modelcontextprotocol/clientInfo': { name: this.facts.name, version: '3.1.0' } },
          }
        : params,
    }
    return {
      method: 'POST',
      path: this.#world.at(this.#paths.servers[server] ?? ''),
      text: { type: 'application/json', value: JSON.stringify(body) },
      headers: [
        ['accept', 'application/json, text/event-stream'],
        ['mcp-protocol-version', stateless ? '2026-07-28' : '2025-11-25'],
        ...(stateless
          ? ([
              ['mcp-method', header?.method ?? method],
              ...(name === undefined || method !== 'tools/call' ? [] : [['mcp-name', name] as const]),
            ] as const)
          : session === undefined
            ? []
            : [['mcp-session-id', session] as const]),
      ],
    }
  }

  /** The handshake where there is one, and the tools where somebody asks. */
  *meet(server: string, list: boolean): Step<Answer | undefined> {
    if (this.#servers[server]?.facts.protocol === '2025-11-25' && !this.#sessions.has(server)) {
      const begun = yield* this.client.send(
        this.ask(server, 'initialize', {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: this.facts.name, version: '3.1.0' },
        }),
      )
      const session = begun.headers.find(([name]) => name === 'mcp-session-id')?.[1]
      if (session === undefined) return undefined
      this.#sessions.set(server, session)
      yield* this.client.send(this.ask(server, 'notifications/initialized', {}))
    }
    return list ? yield* this.client.send(this.ask(server, 'tools/list', {})) : undefined
  }

  *call(server: string, name: string, args: JsonObject): Step<Answer> {
    return yield* this.client.send(this.ask(server, 'tools/call', { name, arguments: args }))
  }
}

/** The text of a tool's answer. */
export function toolText(answer: Answer): string {
  const { result } = answer.json
  if (!isObject(result) || !Array.isArray(result.content)) return ''
  const [first] = result.content as readonly JsonObject[]
  return textOf(first?.text) ?? ''
}
